import { blur2 } from 'd3-array';
import { contours } from 'd3-contour';

/** Cells along each side: five or six units a cell on the page, finer than the blur. */
const GRID = 80;
const BLUR_RADIUS = 3;

type Vertex = readonly [x: number, y: number];

/** The border of the densest area that holds `share` of the points, as lines in the points' units and origin. */
export interface DensityContour {
  readonly share: number;
  readonly lines: readonly (readonly Vertex[])[];
}

/**
 * Highest-density regions of points in the square from (0, 0) to (side, side): counts on a grid, blurred, cut at the
 * densities that the given shares of the points exceed (Hyndman 1996, https://doi.org/10.2307/2684423).
 */
export function traceDensity(
  points: readonly Vertex[],
  side: number,
  shares: readonly number[],
): DensityContour[] {
  const toCell = (value: number) => Math.min(GRID - 1, Math.max(0, Math.floor((value / side) * GRID)));
  const indexes = points.map(([x, y]) => toCell(y) * GRID + toCell(x));
  const counts = new Float64Array(GRID * GRID);
  for (const index of indexes) counts[index] = (counts[index] ?? 0) + 1;
  blur2({ data: counts, width: GRID, height: GRID }, BLUR_RADIUS);
  const densities = indexes.map((index) => counts[index] ?? 0).sort((a, b) => b - a);
  const trace = contours().size([GRID, GRID]);
  const grid = Array.from(counts);
  const scale = side / GRID;
  return shares.map((share) => {
    const level = densities[Math.ceil(share * densities.length) - 1] ?? 0;
    const rings = trace.contour(grid, level).coordinates.flat();
    const lines = rings.flatMap((ring) => openAtBorder(ring.map(([x = 0, y = 0]): Vertex => [x, y])));
    return { share, lines: lines.map((line) => line.map(([x, y]): Vertex => [x * scale, y * scale])) };
  });
}

/** Drops the segments that touch the grid's border: the region goes on there, only the grid ends. */
function openAtBorder(ring: readonly Vertex[]): Vertex[][] {
  const isBorder = ([x, y]: Vertex) => x <= 0 || y <= 0 || x >= GRID || y >= GRID;
  const lines: Vertex[][] = [];
  let line: Vertex[] = [];
  for (const [index, vertex] of ring.entries()) {
    const previous = ring[index - 1];
    if (previous !== undefined && (isBorder(previous) || isBorder(vertex))) {
      lines.push(line);
      line = [];
    }
    line.push(vertex);
  }
  return [...lines, line].filter(({ length }) => length > 1);
}
