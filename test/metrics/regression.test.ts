import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HubwrightError } from '../../src/errors.ts';
import { fitLine } from '../../src/metrics/fit.ts';
import { measureRegression, type RegressionMetrics } from '../../src/metrics/regression.ts';

interface GoldenCase {
  name: string;
  labels: number[];
  predictions: number[];
  expected: RegressionMetrics;
  fit: { slope: number; intercept: number } | null;
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

describe.each(cases)('measureRegression: $name', ({ labels, predictions, expected, fit }) => {
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
