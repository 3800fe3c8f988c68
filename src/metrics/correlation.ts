import { measureMoments, sumCoproducts } from './moments.ts';
import type { Series } from './series.ts';

/**
 * Pearson's product-moment correlation, `Σ(x-x̄)(y-ȳ) / √(Σ(x-x̄)² Σ(y-ȳ)²)`, in [-1, 1], no unit.
 * Null when either series is constant, a single row included: the quotient is 0/0 there.
 */
export function correlatePearson(xs: Series, ys: Series): number | null {
  const x = measureMoments(xs);
  const y = measureMoments(ys);
  if (x.squares === 0 || y.squares === 0) return null;
  // Two divisions, because the product of two tiny roots can underflow to 0.
  const r = sumCoproducts(xs, ys, x.mean, y.mean) / Math.sqrt(x.squares) / Math.sqrt(y.squares);
  return Math.max(-1, Math.min(1, r));
}

/**
 * Spearman's rank correlation: Pearson's of the ranks, ties sharing their average rank (`scipy.stats.spearmanr`).
 * In [-1, 1], no unit; null when either series is constant.
 */
export function correlateSpearman(xs: Series, ys: Series): number | null {
  return correlatePearson(rankAverage(xs), rankAverage(ys));
}

/** Ranks from 1 to n in ascending order; equal values all get the mean of the ranks they span. */
export function rankAverage(values: Series): Float64Array {
  const order = Array.from(values, (value, row) => ({ value, row })).sort((a, b) => a.value - b.value);
  const ranks = new Float64Array(values.length);
  let start = 0;
  while (start < order.length) {
    let end = start + 1;
    while (end < order.length && order[end]?.value === order[start]?.value) end += 1;
    for (const { row } of order.slice(start, end)) ranks[row] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
