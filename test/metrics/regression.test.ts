import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HubwrightError } from '../../src/errors.ts';
import { estimateIntervals } from '../../src/metrics/bootstrap.ts';
import { fitLine } from '../../src/metrics/fit.ts';
import { measureRegression, type RegressionMetrics } from '../../src/metrics/regression.ts';

interface GoldenCase {
  name: string;
  labels: number[];
  predictions: number[];
  expected: RegressionMetrics;
  fit: { slope: number; intercept: number } | null;
  intervals: Record<string, [number, number]> | null;
}

const golden = new URL('../files/metrics.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(golden, 'utf8')) as { cases: GoldenCase[] };

/** Twelve digits, plus what one rounding of a value of the series' size costs the reference itself. */
function expectClose(actual: number | null, expected: number | null, scale: number, what: string): void {
  if (actual === null || expected === null) {
    expect(actual, what).toBe(expected);
    return;
  }
  const delta = Math.abs(actual - expected);
  expect(delta, `${what}: ${actual}, expected ${expected}`).toBeLessThanOrEqual(
    1e-12 * Math.abs(expected) + 1e-15 * scale,
  );
}

describe.each(cases)('measureRegression: $name', ({ labels, predictions, expected, fit, intervals }) => {
  const scale = Math.max(...labels.map(Math.abs), ...predictions.map(Math.abs));

  it.each(Object.keys(expected) as (keyof RegressionMetrics)[])(
    '%s equals numpy, scikit-learn, SciPy',
    (key) => {
      const measured = measureRegression(Float64Array.from(labels), Float64Array.from(predictions));
      expect(Object.keys(measured).sort()).toEqual(Object.keys(expected).sort());
      expectClose(measured[key], expected[key], key === 'mse' ? scale ** 2 : scale, key);
      expect(measureRegression(labels, predictions)[key]).toBe(measured[key]);
    },
  );

  it('fits the line of scipy.stats.linregress', () => {
    const line = fitLine(labels, predictions);
    expectClose(line?.slope ?? null, fit?.slope ?? null, 1, 'slope');
    expectClose(line?.intercept ?? null, fit?.intercept ?? null, 1e3 * scale, 'intercept');
  });

  // Ends of 95 % intervals from 1,000 draws scatter by some 2 % of the interval's width.
  it.skipIf(intervals === null)('estimates the intervals of scipy.stats.bootstrap', () => {
    const estimated = estimateIntervals(labels, predictions, 0, 0.95);
    for (const [metric, [low, high]] of Object.entries(intervals ?? {})) {
      const [estimatedLow, estimatedHigh] = estimated[metric as keyof RegressionMetrics] ?? [0, 0];
      // A median of few rows jumps from one of them to the next.
      const allowed = (metric === 'medianAbsoluteError' ? 0.2 : 0.08) * (high - low);
      expect(Math.abs(estimatedLow - low), `${metric}, low`).toBeLessThan(allowed);
      expect(Math.abs(estimatedHigh - high), `${metric}, high`).toBeLessThan(allowed);
    }
  });
});

describe('measureRegression on any data', () => {
  const value = fc.double({ min: -1e3, max: 1e3, noNaN: true });
  const rows = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 40 });
  const split = (pairs: readonly (readonly [number, number])[]) =>
    [pairs.map(([label]) => label), pairs.map(([, prediction]) => prediction)] as const;

  it('never gives NaN or Infinity, whatever the magnitudes', () => {
    const wild = fc.double({ min: -1e150, max: 1e150, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(wild, wild), { minLength: 1 }), (pairs) => {
        for (const measured of Object.values(measureRegression(...split(pairs)))) {
          expect(measured === null || Number.isFinite(measured)).toBe(true);
        }
      }),
    );
  });

  it('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(rows, fc.infiniteStream(fc.nat()), (pairs, keys) => {
        const order = pairs.map((pair) => ({ pair, key: keys.next().value ?? 0 }));
        const shuffled = order.sort((a, b) => a.key - b.key).map(({ pair }) => pair);
        expect(measureRegression(...split(shuffled))).toEqual(measureRegression(...split(pairs)));
      }),
    );
  });

  it('calls a perfect prediction perfect', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer(), { minLength: 2, maxLength: 40 }), (labels) => {
        const measured = measureRegression(labels, labels);
        expect(measured).toMatchObject({ mse: 0, mae: 0, maxError: 0, bias: 0, r2: 1, explainedVariance: 1 });
        expect(measured.pearson).toBeCloseTo(1, 12);
        expect(measured.spearman).toBeCloseTo(1, 12);
      }),
    );
  });

  const integers = fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -99, max: 99 })), {
    minLength: 1,
    maxLength: 40,
  });

  it("keeps Pearson's r under a rising line, and flips its sign under a falling one", () => {
    fc.assert(
      fc.property(
        integers,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: -9, max: 9 }),
        (pairs, a, b) => {
          const [labels, predictions] = split(pairs);
          const { pearson } = measureRegression(labels, predictions);
          const moved = (slope: number) =>
            measureRegression(
              labels,
              predictions.map((x) => slope * x + b),
            ).pearson;
          if (pearson === null) {
            expect([moved(a), moved(-a)]).toEqual([null, null]);
          } else {
            expect(moved(a)).toBeCloseTo(pearson, 12);
            expect(moved(-a)).toBeCloseTo(-pearson, 12);
          }
        },
      ),
    );
  });

  it("keeps Spearman's rho under any rising curve", () => {
    fc.assert(
      fc.property(integers, (pairs) => {
        const [labels, predictions] = split(pairs);
        const { spearman } = measureRegression(labels, predictions);
        const cubed = predictions.map((x) => x ** 3 + x);
        expect(measureRegression(labels, cubed).spearman).toBe(spearman);
      }),
    );
  });

  it('keeps what only compares order under any rising curve', () => {
    fc.assert(
      fc.property(integers, (pairs) => {
        const [labels, predictions] = split(pairs);
        const { kendall, pairwiseAccuracy } = measureRegression(labels, predictions);
        const cubed = measureRegression(
          labels,
          predictions.map((x) => x ** 3 + x),
        );
        expect([cubed.kendall, cubed.pairwiseAccuracy]).toEqual([kendall, pairwiseAccuracy]);
      }),
    );
  });

  it('counts pairs as one by one, ties and all', () => {
    fc.assert(
      fc.property(integers, (pairs) => {
        const { kendall, pairwiseAccuracy } = measureRegression(...split(pairs));
        let [agree, differ, predicted, right] = [0, 0, 0, 0];
        for (const [i, [label, prediction]] of pairs.entries()) {
          for (const [otherLabel, otherPrediction] of pairs.slice(0, i)) {
            const order = Math.sign(label - otherLabel) * Math.sign(prediction - otherPrediction);
            agree += order;
            differ += Number(label !== otherLabel);
            predicted += Number(prediction !== otherPrediction);
            right += label === otherLabel ? 0 : (order + 1) / 2;
          }
        }
        const tau = differ === 0 || predicted === 0 ? null : agree / Math.sqrt(differ) / Math.sqrt(predicted);
        if (tau === null) expect(kendall).toBeNull();
        else expect(kendall).toBeCloseTo(tau, 12);
        expect(pairwiseAccuracy).toBe(differ === 0 ? null : right / differ);
      }),
    );
  });

  it('takes the same errors for the same when both are shifted, and scales with both', () => {
    const shift = fc.integer({ min: -99, max: 99 });
    fc.assert(
      fc.property(integers, shift, fc.integer({ min: 1, max: 9 }), (pairs, offset, factor) => {
        const moved = pairs.map(([y, p]) => [factor * y + offset, factor * p + offset] as const);
        const [before, after] = [measureRegression(...split(pairs)), measureRegression(...split(moved))];
        for (const metric of ['mae', 'rmse', 'bias', 'medianAbsoluteError', 'maxError'] as const) {
          expect(after[metric]).toBeCloseTo(factor * before[metric], 9);
        }
        for (const metric of ['r2', 'pearson', 'concordance', 'calibrationSlope', 'kendall'] as const) {
          if (before[metric] === null) expect(after[metric]).toBeNull();
          else expect(after[metric]).toBeCloseTo(before[metric], 9);
        }
      }),
    );
  });

  it('never finds more concordance than correlation, and full calibration in the line itself', () => {
    fc.assert(
      fc.property(integers, (pairs) => {
        const [labels, predictions] = split(pairs);
        const { concordance, pearson, calibrationSlope, calibrationIntercept } = measureRegression(
          labels,
          predictions,
        );
        if (pearson !== null)
          expect(Math.abs(concordance ?? 0)).toBeLessThanOrEqual(Math.abs(pearson) + 1e-12);
        if (calibrationSlope === null || calibrationIntercept === null || calibrationSlope === 0) return;
        const corrected = predictions.map((x) => calibrationIntercept + calibrationSlope * x);
        const again = measureRegression(labels, corrected);
        expect(again.calibrationSlope).toBeCloseTo(1, 9);
        expect(again.calibrationIntercept).toBeCloseTo(0, 7);
      }),
    );
  });

  it('lets explained variance, not R², forgive a constant offset', () => {
    const labels = [0.1, 0.4, 0.8];
    const measured = measureRegression(
      labels,
      labels.map((x) => x + 0.5),
    );
    expect(measured.explainedVariance).toBeCloseTo(1, 12);
    expect(measured.r2).toBeLessThan(0);
    expect(measured.bias).toBeCloseTo(0.5, 12);
  });
});

describe('measureRegression refuses', () => {
  it.each([
    ['different lengths', [1, 2], [1], '2 labels cannot be compared with 1 predictions'],
    ['no rows', [], [], 'there are no rows'],
    ['a NaN label', [1, Number.NaN], [1, 2], 'the label of row 1 is NaN'],
    ['an infinite prediction', [1, 2], [Number.NEGATIVE_INFINITY, 2], 'the prediction of row 0 is -Infinity'],
    ['a value whose square overflows', [1e160], [0], 'the label of row 0 is 1e+160'],
  ])('%s', (_, labels, predictions, message) => {
    for (const measure of [measureRegression, fitLine]) {
      expect(() => measure(labels, predictions)).toThrow(
        expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(message) }),
      );
      expect(() => measure(labels, predictions)).toThrow(HubwrightError);
    }
  });
});
