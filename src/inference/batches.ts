import type { Batch } from './session.ts';

/** Token ids of one text, with the places in the input where it occurs. */
export interface Sequence {
  readonly ids: readonly number[];
  readonly rows: readonly number[];
}

/**
 * Tokens in one batch. A matrix product of 128 rows already fills two cores, so a larger batch gains nothing on a CPU
 * and makes progress coarser.
 */
const TOKENS_PER_BATCH = 1024;

/** Padding may fill at most this share of a batch; beyond it a new batch begins. */
const MAX_PADDING = 0.03;

/** Merges equal sequences: a text that occurs twice is computed once. */
export function mergeEqual(encoded: readonly (readonly number[])[]): Sequence[] {
  const merged = new Map<string, { ids: readonly number[]; rows: number[] }>();
  for (const [row, ids] of encoded.entries()) {
    const key = ids.join(',');
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { ids, rows: [row] });
    else known.rows.push(row);
  }
  return [...merged.values()];
}

/** Groups sequences of equal or nearly equal length, longest first so that memory is claimed once. */
export function planBatches(sequences: readonly Sequence[]): Sequence[][] {
  const sorted = [...sequences].sort((a, b) => b.ids.length - a.ids.length);
  const batches: Sequence[][] = [];
  let current: Sequence[] = [];
  let tokens = 0;
  for (const sequence of sorted) {
    const length = current[0]?.ids.length ?? sequence.ids.length;
    const area = length * (current.length + 1);
    const padding = 1 - (tokens + sequence.ids.length) / area;
    if (current.length > 0 && (area > TOKENS_PER_BATCH || padding > MAX_PADDING)) {
      batches.push(current);
      current = [];
      tokens = 0;
    }
    current.push(sequence);
    tokens += sequence.ids.length;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

/** Lays sequences out as one batch, padded on the right to the longest of them. */
export function packBatch(sequences: readonly (readonly number[])[], padId: number): Batch {
  const length = Math.max(1, ...sequences.map((ids) => ids.length));
  const inputIds = new BigInt64Array(sequences.length * length).fill(BigInt(padId));
  const attentionMask = new BigInt64Array(sequences.length * length);
  for (const [row, ids] of sequences.entries()) {
    for (const [column, id] of ids.entries()) {
      inputIds[row * length + column] = BigInt(id);
      attentionMask[row * length + column] = 1n;
    }
  }
  return { rows: sequences.length, length, inputIds, attentionMask };
}
