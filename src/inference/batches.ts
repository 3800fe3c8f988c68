import type { Sequences } from './sequences.ts';
import type { Batch } from './session.ts';

/**
 * Tokens in one batch on the CPU. A matrix product of 128 rows fills two cores: measured on ModernBERT-base, a batch
 * beyond 512 tokens gains nothing, while progress gets coarser and a Ctrl-C waits longer.
 */
const CPU_TOKENS = 512;

/** A GPU wants thousands of rows in a product, and pays for padding less than for launching. */
const GPU_TOKENS = 16_384;
const GPU_PADDING = 0.1;
/** Rows × length²: what a matrix of scores takes, where attention keeps one. With 12 heads this is 200 MB. */
const GPU_SCORES = 2 ** 22;

/** Numbers of sequences that run together. */
export type Group = readonly number[];

/**
 * Groups sequences for the CPU: only equal lengths together, longest first so that memory is claimed once. Without
 * padding the global layers need no mask, and each score is bit for bit the same in whatever company of two or more it
 * is computed. A row alone takes another path through the head's matrix product and may differ in its last bit, so
 * nobody is left alone whose length has room and company: what is computed depends on the texts, never on what part of
 * them a cache or a shard leaves to do.
 */
export function groupByLength(sequences: Sequences, members: Iterable<number>): Group[] {
  const groups: Group[] = [];
  for (const [length, same] of collectLengths(sequences, members)) {
    const room = Math.max(1, Math.floor(CPU_TOKENS / Math.max(1, length)));
    for (let start = 0; start < same.length; ) {
      const left = same.length - start;
      const size = room > 1 && left === room + 1 ? left : Math.min(room, left);
      groups.push(same.slice(start, start + size));
      start += size;
    }
  }
  return groups;
}

/** Groups sequences for a GPU: large batches, padded to the longest of each. */
export function groupPadded(sequences: Sequences, members: Iterable<number>): Group[] {
  const groups: Group[] = [];
  let current: number[] = [];
  let tokens = 0;
  for (const [length, same] of collectLengths(sequences, members)) {
    for (const sequence of same) {
      const longest = sequences.length(current[0] ?? sequence);
      const area = longest * (current.length + 1);
      const isFull =
        area > GPU_TOKENS || area * longest > GPU_SCORES || 1 - (tokens + length) / area > GPU_PADDING;
      if (current.length > 0 && isFull) {
        groups.push(current);
        current = [];
        tokens = 0;
      }
      current.push(sequence);
      tokens += length;
    }
  }
  if (current.length > 0) groups.push(current);
  return groups;
}

/** The members by length, longest first, each length's in ascending order. */
function collectLengths(sequences: Sequences, members: Iterable<number>): [number, number[]][] {
  const byLength = new Map<number, number[]>();
  for (const sequence of members) {
    const length = sequences.length(sequence);
    const same = byLength.get(length);
    if (same === undefined) byLength.set(length, [sequence]);
    else same.push(sequence);
  }
  return [...byLength].sort(([a], [b]) => b - a);
}

/** Lays sequences out as one batch, padded on the right to the longest of them. */
export function packBatch(sequences: readonly ArrayLike<number>[], padId: number): Batch {
  const length = Math.max(1, ...sequences.map((ids) => ids.length));
  const inputIds = new BigInt64Array(sequences.length * length).fill(BigInt(padId));
  const attentionMask = new BigInt64Array(sequences.length * length);
  for (const [row, ids] of sequences.entries()) {
    for (let column = 0; column < ids.length; column += 1) {
      inputIds[row * length + column] = BigInt(ids[column] ?? padId);
      attentionMask[row * length + column] = 1n;
    }
  }
  return { rows: sequences.length, length, inputIds, attentionMask };
}
