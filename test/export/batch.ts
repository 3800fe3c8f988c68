import type { Batch } from '../../src/inference/session.ts';

export function toBatch(inputIds: readonly number[][], attentionMask: readonly number[][]): Batch {
  const rows = inputIds.length;
  const length = inputIds[0]?.length ?? 0;
  return {
    rows,
    length,
    inputIds: BigInt64Array.from(inputIds.flat(), BigInt),
    attentionMask: BigInt64Array.from(attentionMask.flat(), BigInt),
  };
}

/** The largest |actual − expected|; a NaN on either side is an infinite difference. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(Number(actual[i]) - Number(expected[i]));
    largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return largest;
}

/** Hidden states at real tokens only: what stands at padding means nothing and differs between implementations. */
export function atTokens(hidden: ArrayLike<number>, attentionMask: readonly number[][]): number[] {
  const mask = attentionMask.flat();
  const width = hidden.length / mask.length;
  return Array.from(hidden).filter((_, i) => mask[Math.floor(i / width)] === 1);
}
