import { countLevels, type Levels, rankLevels } from './levels.ts';
import type { Moments } from './moments.ts';
import type { Series } from './series.ts';

/**
 * Pearson's product-moment correlation, `Σ(x-x̄)(y-ȳ) / √(Σ(x-x̄)² Σ(y-ȳ)²)`, in [-1, 1], no unit, from the sums.
 * Null when either series is constant, a single row included: the quotient is 0/0 there.
 */
export function correlateMoments(
  x: Pick<Moments, 'squares'>,
  y: Pick<Moments, 'squares'>,
  coproduct: number,
): number | null {
  if (x.squares === 0 || y.squares === 0) return null;
  // Two divisions, because the product of two tiny roots can underflow to 0.
  const r = coproduct / Math.sqrt(x.squares) / Math.sqrt(y.squares);
  return Number.isFinite(r) ? Math.max(-1, Math.min(1, r)) : null;
}

/**
 * Spearman's rank correlation: Pearson's of the ranks, ties sharing their average rank (`scipy.stats.spearmanr`).
 * In [-1, 1], no unit; null when either series is constant.
 *
 * @param weights how often each row counts, once by default.
 */
export function correlateSpearman(xs: Levels, ys: Levels, weights?: Series): number | null {
  const xCounts = countLevels(xs, weights);
  const [xRanks, yRanks] = [rankLevels(xCounts), rankLevels(countLevels(ys, weights))];
  const n = xCounts.reduce((sum, count) => sum + count, 0);
  // Ranks are halves around (n + 1) / 2, and so their sums are exact: no second pass is needed.
  const middle = (n + 1) / 2;
  let [xSquares, ySquares, coproduct] = [0, 0, 0];
  for (let row = 0; row < xs.of.length; row += 1) {
    const weight = weights === undefined ? 1 : (weights[row] as number);
    if (weight === 0) continue;
    const x = (xRanks[xs.of[row] as number] as number) - middle;
    const y = (yRanks[ys.of[row] as number] as number) - middle;
    xSquares += weight * x * x;
    ySquares += weight * y * y;
    coproduct += weight * x * y;
  }
  return correlateMoments({ squares: xSquares }, { squares: ySquares }, coproduct);
}
