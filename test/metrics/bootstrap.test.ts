import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countResamples, estimateIntervals } from '../../src/metrics/bootstrap.ts';
import { measureRegression } from '../../src/metrics/regression.ts';
import { prepareResampling } from '../../src/metrics/resampling.ts';

const cell = fc.integer({ min: -20, max: 20 }).map((value) => value / 10);
const drawnRows = fc
  .array(fc.tuple(cell, cell, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 30 })
  .filter((rows) => rows.some(([, , weight]) => weight > 0));

describe('prepareResampling', () => {
  it('measures a draw as measureRegression measures its rows', () => {
    fc.assert(
      fc.property(drawnRows, (rows) => {
        const [labels, predictions, weights] = [0, 1, 2].map((i) => rows.map((row) => row[i] as number));
        const drawn = rows.flatMap((row) => Array.from({ length: row[2] }, () => row));
        const expected = measureRegression(
          drawn.map(([label]) => label),
          drawn.map(([, prediction]) => prediction),
        );
        const measured = prepareResampling(labels ?? [], predictions ?? [])(Float64Array.from(weights ?? []));
        expect(Object.keys(measured)).toEqual(Object.keys(expected));
        for (const [metric, value] of Object.entries(expected)) {
          const actual = measured[metric as keyof typeof measured];
          // Errors that are all alike but for rounding: the one sum sees the rounding, the other does not.
          if (metric === 'explainedVariance' && value !== null) expect(actual).toBeCloseTo(value, 9);
          else if (value === null || actual === null) expect(actual, metric).toBe(value);
          else expect(actual, metric).toBeCloseTo(value, 9);
        }
      }),
    );
  });
});

describe('estimateIntervals', () => {
  const labels = Array.from({ length: 60 }, (_, i) => ((i * 37) % 61) / 60);
  const predictions = labels.map((label, i) => 0.2 + 0.6 * label + ((i * 17) % 11) / 50);

  it('gives the same again for a seed, and other intervals for another', () => {
    const first = estimateIntervals(labels, predictions, 12, 0.95);
    expect(estimateIntervals(labels, predictions, 12, 0.95)).toEqual(first);
    expect(estimateIntervals(labels, predictions, 13, 0.95)).not.toEqual(first);
  });

  it('holds the measured value, and is wider for more confidence', () => {
    const measured = measureRegression(labels, predictions);
    const narrow = estimateIntervals(labels, predictions, 1, 0.8);
    const wide = estimateIntervals(labels, predictions, 1, 0.99);
    for (const metric of ['mse', 'rmse', 'mae', 'r2', 'pearson', 'kendall', 'bias', 'within01'] as const) {
      const [low, high] = narrow[metric] ?? [Number.NaN, Number.NaN];
      expect(low, metric).toBeLessThanOrEqual(measured[metric] ?? Number.NaN);
      expect(high, metric).toBeGreaterThanOrEqual(measured[metric] ?? Number.NaN);
      expect(wide[metric]?.[0], metric).toBeLessThanOrEqual(low);
      expect(wide[metric]?.[1], metric).toBeGreaterThanOrEqual(high);
    }
  });

  it('says nothing about extremes, nor about what some draw leaves undefined', () => {
    const intervals = estimateIntervals(labels, predictions, 1);
    for (const metric of ['n', 'maxError', 'labelMin', 'predictionMax'] as const) {
      expect(intervals).not.toHaveProperty(metric);
    }
    const two = estimateIntervals([0, 1], [0.2, 0.7], 1);
    expect(two).not.toHaveProperty('pearson');
    expect(two).toHaveProperty('mae');
  });

  it('is content with fewer draws where there are many rows', () => {
    expect([10, 955, 10_000, 50_000, 1_000_000].map(countResamples)).toEqual([1000, 1000, 1000, 200, 200]);
  });
});
