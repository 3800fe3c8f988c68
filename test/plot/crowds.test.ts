import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traceDensity } from '../../src/plot/density.ts';
import { binHexagons } from '../../src/plot/hexbin.ts';
import { renderPredictionsScatter } from '../../src/plot/scatter.ts';
import { makeRows } from './rows.ts';
import { takeGroup, takeTexts } from './svg-parts.ts';

describe('binHexagons', () => {
  const place = fc.double({ min: 0, max: 100, noNaN: true });
  const places = fc.array(fc.tuple(place, place), { minLength: 1, maxLength: 60 });

  it('counts every point once, in the nearest cell', () => {
    fc.assert(
      fc.property(places, (points) => {
        const cells = binHexagons(points, 5);
        expect(cells.reduce((sum, { count }) => sum + count, 0)).toBe(points.length);
        const nearest = points.map(([px, py]) =>
          Math.min(...cells.map(({ x, y }) => Math.hypot(px - x, py - y))),
        );
        // No point of a hexagon is farther from its centre than the corners are.
        for (const distance of nearest) expect(distance).toBeLessThanOrEqual(5 + 1e-9);
      }),
    );
  });

  it('does not depend on the order of the points', () => {
    fc.assert(
      fc.property(places, (points) => {
        expect(binHexagons(points.toReversed(), 5)).toEqual(binHexagons(points, 5));
      }),
    );
  });

  it('parts the plane into cells of equal area', () => {
    const grid = Array.from({ length: 40_000 }, (_, i) => [(i % 200) / 2, Math.floor(i / 200) / 2] as const);
    const inner = binHexagons(grid, 5).filter(({ x, y }) => x > 10 && x < 90 && y > 10 && y < 90);
    const area = ((3 * Math.sqrt(3)) / 2) * 5 ** 2;
    for (const { count } of inner) expect(Math.abs(count / 4 / area - 1)).toBeLessThan(0.05);
  });
});

describe('traceDensity', () => {
  it.each([0.25, 0.5, 0.75])('encloses %f of the points', (share) => {
    const { labels, predictions } = makeRows(4_000);
    const points = labels.map((label, row) => [label * 400, predictions[row]! * 400] as const);
    const { lines } = traceDensity(points, 400, [share])[0]!;
    const inside = points.filter((point) => isInside(point, lines)).length;
    expect(Math.abs(inside / points.length - share)).toBeLessThan(0.04);
  });

  it('opens at the border of the square', () => {
    const points = makeRows(600).labels.map((label) => [400, label * 400] as const);
    for (const { lines } of traceDensity(points, 400, [0.5])) {
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(line[0]).not.toEqual(line.at(-1));
    }
  });
});

describe('cells', () => {
  it('are coloured by classes of counts that the legend lists without a gap', () => {
    const svg = renderPredictionsScatter({ ...makeRows(20_000), title: 'Cells' });
    const legend = takeTexts(takeGroup(svg, 'legend'));
    const classes = legend.slice(legend.indexOf('rows per cell') + 1).map((text) => {
      const [from = 0, to = from] = text.split('–').map(Number);
      return { from, to };
    });
    expect(classes).toHaveLength(6);
    expect(classes[0]?.from).toBe(1);
    for (const [i, { from }] of classes.slice(1).entries()) expect(from).toBe(classes[i]!.to + 1);
    const counts = takeGroup(svg, 'cells')
      .match(/<path[^>]*>/g)!
      .map((path) => path.split('M').length - 1);
    const total = counts.reduce((sum, cells) => sum + cells, 0);
    const bounds = ['from', 'to'] as const;
    const [least, most] = bounds.map((bound) =>
      counts.reduce((sum, cells, i) => sum + cells * classes[i]![bound], 0),
    );
    expect(total).toBeGreaterThan(300);
    expect(least).toBeLessThanOrEqual(20_000);
    expect(most).toBeGreaterThanOrEqual(20_000);
  });
});

/** Even-odd rule over closed rings. */
function isInside(
  [px, py]: readonly [number, number],
  rings: readonly (readonly (readonly [number, number])[])[],
): boolean {
  let inside = false;
  for (const ring of rings) {
    for (const [i, [x, y]] of ring.entries()) {
      const [nextX, nextY] = ring[(i + 1) % ring.length]!;
      const crosses = y > py !== nextY > py && px < x + ((py - y) * (nextX - x)) / (nextY - y);
      if (crosses) inside = !inside;
    }
  }
  return inside;
}
