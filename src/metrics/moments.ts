import { fsum } from 'd3-array';
import type { Series } from './series.ts';

/** Sums of one series around its mean, in the series' own units. */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  /** Sum of squared deviations from the mean; exactly 0 for a constant series. */
  readonly squares: number;
}

/**
 * Two passes with exactly rounded sums: rounding of the mean enters the squares only in second order, so a large
 * offset (labels near 1e6 that differ in the third decimal) costs no digits.
 */
export function measureMoments(values: Series): Moments {
  const n = values.length;
  const first = values[0];
  // The mean of n equal doubles need not be that double, and would leave squares of about 1e-33 to divide by.
  if (first !== undefined && values.every((value) => value === first)) return { n, mean: first, squares: 0 };
  const mean = fsum(values) / n;
  return { n, mean, squares: fsum(values, (value) => (value - mean) ** 2) };
}

/** Sum of products of deviations, `Σ (x - x̄)(y - ȳ)`. Both series have one value a row. */
export function sumCoproducts(xs: Series, ys: Series, xMean: number, yMean: number): number {
  return fsum(xs, (x, row) => (x - xMean) * ((ys[row] ?? Number.NaN) - yMean));
}

/** Population standard deviation (ddof 0: numpy, scikit-learn). */
export function populationStd({ n, squares }: Moments): number {
  return Math.sqrt(squares / n);
}

/** Sample standard deviation (ddof 1: pandas, `statistics.stdev`); null for a single row. */
export function sampleStd({ n, squares }: Moments): number | null {
  return n > 1 ? Math.sqrt(squares / (n - 1)) : null;
}
