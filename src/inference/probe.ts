import { packBatch } from './batches.ts';
import type { Sequences } from './sequences.ts';
import type { Batch, Session } from './session.ts';

/**
 * How far a logit of a probe may lie from the CPU's. float32 in another order moves it by some 1e-6; TF32, which CUDA
 * uses where it is allowed to, by up to 1e-3; a wrong attention kernel by 1e-2 and more.
 */
const TOLERANCE = 1e-3;
/** Lengths that are probed, evenly spread from the shortest to the longest. */
const PROBES = 6;

/** Batches that a device must compute as the CPU does before it is trusted with the rest. */
export interface Proof {
  /** undefined when the session gives what the CPU gave, or else what it gives instead. */
  refute(session: Session): Promise<string | undefined>;
}

/**
 * Runs the probes on the CPU, to have something to compare with.
 *
 * @param sequences those at hand; undefined where nothing will have to prove itself
 */
export async function prepareProof(
  cpu: Session,
  sequences: Sequences | undefined,
  padId: number,
): Promise<Proof> {
  const probes = sequences === undefined || sequences.count === 0 ? [] : makeProbes(sequences, padId);
  const expected: Float32Array[] = [];
  for (const probe of probes) expected.push(await computeLogits(cpu, probe()));
  return {
    async refute(session) {
      for (const [i, probe] of probes.entries()) {
        const batch = probe();
        const actual = await computeLogits(session, batch);
        const off = Math.max(
          ...actual.map((logit, row) => Math.abs(logit - (expected[i]?.[row] ?? Number.NaN))),
        );
        if (off <= TOLERANCE) continue;
        return `other logits than the CPU: off by ${off.toPrecision(2)} for ${batch.rows} × ${batch.length} tokens`;
      }
      return undefined;
    },
  };
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
