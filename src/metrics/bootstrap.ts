import type { MetricId } from './metric-id.ts';
import type { RegressionMetrics } from './regression.ts';
import { prepareResampling } from './resampling.ts';
import { assertPairedSeries, type Series } from './series.ts';

/** Of repeated samples, the share whose interval holds the metric of the whole, where a sample is judged by it. */
export const CONFIDENCE = 0.99;

/** More draws would move the ends of a 95 % interval by some 2 % of its width. */
const MOST_RESAMPLES = 1000;
/** Of a hundred thousand rows an interval is so narrow that a rough one is as good. */
const FEWEST_RESAMPLES = 200;
const MOST_DRAWN_ROWS = 1e7;

/** No sample bounds these: a resample can only repeat the extremes it was drawn from. */
const EXTREMES: ReadonlySet<MetricId> = new Set([
  ...(['n', 'maxError', 'labelMin', 'labelMax', 'predictionMin', 'predictionMax'] as const),
]);

export type Interval = readonly [low: number, high: number];

/** How many resamples stand behind the intervals of so many rows. */
export function countResamples(rows: number): number {
  return Math.max(FEWEST_RESAMPLES, Math.min(MOST_RESAMPLES, Math.floor(MOST_DRAWN_ROWS / rows)));
}

/**
 * Percentile bootstrap (Efron & Tibshirani, An Introduction to the Bootstrap, ch. 13): rows are drawn with replacement
 * as often as there are rows, and the middle share of what such draws measure is the interval. It does not count
 * that the sample is part of a finite whole, so it is wider than need be when the sample is most of it. A metric that
 * is undefined in some draw has no interval, nor have the extremes.
 *
 * @param seed decides the draws: the same seed gives the same intervals on every machine.
 * @param confidence the share of draws inside the interval, in (0, 1).
 * @throws HubwrightError `INPUT_INVALID` for series of different lengths, empty, or not finite.
 */
export function estimateIntervals(
  labels: Series,
  predictions: Series,
  seed: number,
  confidence = CONFIDENCE,
): Partial<Record<MetricId, Interval>> {
  assertPairedSeries(labels, predictions);
  const random = createRandom(seed);
  const measure = prepareResampling(labels, predictions);
  const rows = labels.length;
  const weights = new Float64Array(rows);
  const draws = Array.from({ length: countResamples(rows) }, () => {
    weights.fill(0);
    for (let drawn = 0; drawn < rows; drawn += 1) {
      const row = Math.floor(random() * rows);
      weights[row] = (weights[row] as number) + 1;
    }
    return measure(weights);
  });
  const tail = Math.floor((draws.length * (1 - confidence)) / 2);
  const intervals: Partial<Record<MetricId, Interval>> = {};
  for (const metric of Object.keys(draws[0] ?? {}) as (keyof RegressionMetrics)[]) {
    const values = draws.map((draw) => draw[metric]).filter((value) => value !== null);
    if (EXTREMES.has(metric) || values.length < draws.length) continue;
    values.sort((a, b) => a - b);
    intervals[metric] = [values[tail] ?? Number.NaN, values[values.length - 1 - tail] ?? Number.NaN];
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
