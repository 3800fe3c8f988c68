import type { MetricId } from './metric-id.ts';
import { measureRegression, type RegressionMetrics } from './regression.ts';
import type { Series } from './series.ts';

/** Share of repeated samples whose interval holds the metric of the whole. */
export const CONFIDENCE = 0.99;

const RESAMPLES = 1000;

export type Interval = readonly [low: number, high: number];

/**
 * Percentile bootstrap (Efron & Tibshirani, An Introduction to the Bootstrap, ch. 13): rows are drawn with replacement
 * as often as there are rows, and the middle 99 % of what 1,000 such draws measure is the interval. It does not count
 * that the sample is part of a finite whole, so it is wider than need be when the sample is most of it. A metric that
 * is undefined in some draw has no interval, nor has the largest error: no sample bounds it.
 */
export function estimateIntervals(
  labels: Series,
  predictions: Series,
  seed: number,
): Partial<Record<MetricId, Interval>> {
  const random = createRandom(seed);
  const draws = Array.from({ length: RESAMPLES }, () => {
    const rows = Array.from(labels, () => Math.floor(random() * labels.length));
    const pick = (series: Series) => Float64Array.from(rows, (row) => series[row] ?? Number.NaN);
    return measureRegression(pick(labels), pick(predictions));
  });
  const tail = Math.floor((RESAMPLES * (1 - CONFIDENCE)) / 2);
  const intervals: Partial<Record<MetricId, Interval>> = {};
  for (const metric of Object.keys(draws[0] ?? {}) as (keyof RegressionMetrics)[]) {
    const values = draws.map((draw) => draw[metric]).filter((value) => value !== null);
    if (metric === 'n' || metric === 'maxError' || values.length < RESAMPLES) continue;
    values.sort((a, b) => a - b);
    intervals[metric] = [values[tail] ?? Number.NaN, values[RESAMPLES - 1 - tail] ?? Number.NaN];
  }
  return intervals;
}

/** Numbers in [0, 1) that a seed decides: Marsaglia's xorshift with 32 bits, its state spread by a multiplication. */
function createRandom(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
