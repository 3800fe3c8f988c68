import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderPredictionsScatter } from '../../src/plot/scatter.ts';
import { readScatter, takeGroup, takeTexts } from './svg-parts.ts';

const AWKWARD = [
  0,
  -0,
  5e-324,
  -5e-324,
  -1e-310,
  1e150,
  -1e150,
  1e6,
  1e6 + 2 ** -33,
  1,
  1 + 2 ** -52,
  2 ** 53,
];

describe('renderPredictionsScatter on any numbers', () => {
  it('draws every row inside the page, with a tick on both axes and no broken coordinate', () => {
    const value = fc.oneof(
      fc.double({ min: -1e150, max: 1e150, noNaN: true }),
      fc.double({ min: -10, max: 10, noNaN: true }),
      fc.constantFrom(...AWKWARD),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 6 }), (rows) => {
        const svg = renderPredictionsScatter({
          labels: rows.map(([label]) => label),
          predictions: rows.map(([, prediction]) => prediction),
          title: 'Any',
        });
        const { circles } = readScatter(svg);
        expect(circles).toHaveLength(rows.length);
        const height = Number(svg.match(/height="(\d+)"/)?.[1]);
        for (const [x, y] of circles) {
          expect(x > 24 && x < 616 && y > 24 && y < height - 24).toBe(true);
        }
        for (const axis of ['x-axis', 'y-axis']) {
          expect(takeTexts(takeGroup(svg, axis)).length).toBeGreaterThan(0);
        }
        expect(svg).not.toMatch(/NaN|Infinity/);
      }),
      { numRuns: 300 },
    );
  });
});
