import { createHash } from 'node:crypto';
import { platform } from 'node:os';
import { HubwrightError } from '../errors.ts';
import type { Conditions, DeviceChoice, ExecutionProvider } from './device.ts';
import { fallBack } from './fallback.ts';
import { type Proof, prepareProof } from './probe.ts';
import type { Sequences } from './sequences.ts';
import type { Session, SessionOptions } from './session.ts';

export interface DeviceOptions extends DeviceChoice {
  /** Opens the model; on a thread of its own. */
  readonly open: (options: SessionOptions) => Promise<Session>;
  /** The model as a graph whose attention is decomposed, where that can be had. */
  readonly decompose?: (() => Promise<Uint8Array | undefined>) | undefined;
  /** Told why a device was not used. */
  readonly onNote?: ((message: string) => void) | undefined;
}

/** What `auto` tries on each platform before the CPU. */
const CANDIDATES: Readonly<Record<string, readonly ExecutionProvider[]>> = {
  darwin: ['coreml', 'webgpu'],
  win32: ['cuda', 'dml', 'webgpu'],
  linux: ['cuda', 'webgpu'],
};

/**
 * Execution providers without a kernel for ONNX's `Attention`. WebGPU has one for ONNX Runtime's MultiHeadAttention,
 * but it computes other numbers than the CPU beyond some 16 tokens on a device in software, and was wrong on others.
 */
const WITHOUT_ATTENTION: readonly ExecutionProvider[] = ['webgpu', 'coreml', 'dml'];

/**
 * Opens the model on the device asked for, if it gives what the CPU gives on some of the very sequences at hand, and on
 * the next one or the CPU otherwise. That a provider is compiled in, or opens a session, does not say that it computes
 * rightly. The next device takes over too when one fails later.
 *
 * @throws HubwrightError USAGE when a GPU is required and none can be used; INFERENCE; ABORTED
 */
export async function openDevice(
  sequences: Sequences,
  padId: number,
  options: DeviceOptions,
): Promise<Session> {
  const { device = 'cpu', onNote, requireGpu, mappedWeights } = options;
  const conditions: Conditions = mappedWeights === true ? { weights: 'mapped' } : {};
  const openCpu = () => options.open({ provider: 'cpu', conditions });
  const candidates = device === 'auto' ? (CANDIDATES[platform()] ?? []) : device === 'cpu' ? [] : [device];
  const cpu = await openCpu();
  try {
    const proof = await prepareProof(cpu, candidates.length === 0 ? undefined : sequences, padId);
    const reasons: string[] = [];
    const left = candidates.values();
    const openNext = async (): Promise<Session | undefined> => {
      for (const provider of left) {
        const found = await tryProvider(provider, proof, options);
        if (typeof found !== 'string') return found;
        reasons.push(found);
        onNote?.(`not used: ${found}`);
      }
      return undefined;
    };
    const session = await openNext();
    if (session !== undefined) {
      await cpu.release();
      const openRest = async () => (await openNext()) ?? (requireGpu === true ? undefined : await openCpu());
      return fallBack(session, openRest, onNote);
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

/** A session that has proven itself, or why there is none. */
async function tryProvider(
  provider: ExecutionProvider,
  proof: Proof,
  { open, decompose, tf32 = false }: DeviceOptions,
): Promise<Session | string> {
  let session: Session | undefined;
  try {
    const graph = WITHOUT_ATTENTION.includes(provider) ? await decompose?.() : undefined;
    const conditions: Conditions = {
      ...(graph === undefined ? {} : { graph: { attention: 'decomposed', sha256: hash(graph) } }),
      ...(provider === 'cuda' ? { tf32 } : {}),
    };
    session = await open({ provider, graph, conditions });
    const fault = await proof.refute(session);
    if (fault === undefined) return session;
    await session.release();
    return `${provider} computes ${fault}`;
  } catch (error) {
    await session?.release();
    if (!(error instanceof HubwrightError) || error.code === 'ABORTED') throw error;
    return `${provider}: ${error.message}`;
  }
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
