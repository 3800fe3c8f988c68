import { platform } from 'node:os';
import { HubwrightError } from '../errors.ts';
import { packBatch } from './batches.ts';
import type { Device, ExecutionProvider } from './device.ts';
import { fallBack } from './fallback.ts';
import type { Sequences } from './sequences.ts';
import type { Batch, Session } from './session.ts';
import { openWorkerSession } from './worker-session.ts';

export interface DeviceOptions {
  readonly device: Device;
  /** Fail rather than compute on the CPU. */
  readonly requireGpu?: boolean | undefined;
  /** Told why a device was not used. */
  readonly onNote?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * How far a logit of a probe may lie from the CPU's. float32 in another order moves it by some 1e-6; TF32, which CUDA
 * uses unless told otherwise, by up to 1e-3; a wrong attention kernel by 1e-2 and more.
 */
const PROBE_TOLERANCE = 1e-3;
/** Lengths that are probed, evenly spread from the shortest to the longest. */
const PROBES = 6;

/** What `auto` tries on each platform before the CPU. */
const CANDIDATES: Readonly<Record<string, readonly ExecutionProvider[]>> = {
  darwin: ['coreml', 'webgpu'],
  win32: ['cuda', 'dml', 'webgpu'],
  linux: ['cuda', 'webgpu'],
};

/**
 * Opens the model on the device asked for, if it gives what the CPU gives on some of the very sequences at hand, and on
 * the CPU otherwise. That a provider is compiled in, or opens a session, does not say that it computes rightly.
 *
 * @throws HubwrightError USAGE when a GPU is required and none can be used; INFERENCE; ABORTED
 */
export async function openDevice(
  path: string,
  sequences: Sequences,
  padId: number,
  options: DeviceOptions,
): Promise<Session> {
  const { device, signal, onNote, requireGpu } = options;
  const cpu = await openWorkerSession(path, 'cpu', { signal });
  const candidates = device === 'auto' ? (CANDIDATES[platform()] ?? []) : device === 'cpu' ? [] : [device];
  const reasons: string[] = [];
  const reject = (reason: string) => {
    reasons.push(reason);
    onNote?.(`not used: ${reason}`);
  };
  try {
    const probes = sequences.count === 0 ? [] : makeProbes(sequences, padId);
    const expected: Float32Array[] = [];
    for (const probe of candidates.length === 0 ? [] : probes)
      expected.push(await computeLogits(cpu, probe()));
    for (const provider of candidates) {
      const session = await tryProvider(path, provider, probes, expected, reject, signal);
      if (session === undefined) continue;
      await cpu.release();
      const reopen = () => openWorkerSession(path, 'cpu', { signal });
      return fallBack(session, requireGpu === true ? undefined : reopen, onNote);
    }
    if (requireGpu !== true) return cpu;
    throw new HubwrightError(
      'USAGE',
      `a GPU is required and none can be used: ${reasons.join('; ') || `--device is ${device}`}`,
      { hint: 'leave --require-gpu out to compute on the CPU' },
    );
  } catch (error) {
    await cpu.release();
    throw error;
  }
}

async function tryProvider(
  path: string,
  provider: ExecutionProvider,
  probes: readonly (() => Batch)[],
  expected: readonly Float32Array[],
  reject: (reason: string) => void,
  signal: AbortSignal | undefined,
): Promise<Session | undefined> {
  let session: Session | undefined;
  try {
    session = await openWorkerSession(path, provider, { signal });
    for (const [i, probe] of probes.entries()) {
      const batch = probe();
      const actual = await computeLogits(session, batch);
      const off = Math.max(
        ...actual.map((logit, row) => Math.abs(logit - (expected[i]?.[row] ?? Number.NaN))),
      );
      if (off <= PROBE_TOLERANCE) continue;
      const size = `${batch.rows} × ${batch.length} tokens`;
      reject(`${provider} computes other logits than the CPU: off by ${off.toPrecision(2)} for ${size}`);
      await session.release();
      return undefined;
    }
    return session;
  } catch (error) {
    await session?.release();
    if (!(error instanceof HubwrightError) || error.code === 'ABORTED') throw error;
    reject(`${provider}: ${error.message}`);
    return undefined;
  }
}

/** Batches of two equal rows, which need no mask, for lengths from the shortest to the longest; and one with padding. */
function makeProbes(sequences: Sequences, padId: number): (() => Batch)[] {
  const sorted = [...Array(sequences.count).keys()].sort((a, b) => sequences.length(a) - sequences.length(b));
  const at = (share: number) => sequences.ids(sorted[Math.round(share * (sorted.length - 1))] ?? 0);
  const picked = Array.from({ length: PROBES }, (_, i) => at(i / (PROBES - 1)));
  return [...picked.map((ids) => [ids, ids]), [at(0), at(0.5)]].map((rows) => () => packBatch(rows, padId));
}

async function computeLogits(session: Session, batch: Batch): Promise<Float32Array> {
  return (await session.run(batch, ['logits'])).logits ?? new Float32Array();
}
