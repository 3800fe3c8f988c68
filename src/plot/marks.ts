import type { Series } from '../metrics/series.ts';
import { renderCells } from './cells.ts';
import { renderCircles } from './circles.ts';
import { renderContours } from './density-lines.ts';
import type { Frame } from './layout.ts';
import type { LegendItem } from './legend.ts';

/** Above this, circles hide each other and contours say where the rows are. */
const CROWDED_ROWS = 500;
/** Above this, single circles say nothing more and would make the file megabytes: rows are counted in cells. */
const MAX_CIRCLES = 5_000;

/** Something drawn, and what the legend has to say about it. */
export interface Marks {
  readonly svg: string;
  readonly legend: readonly LegendItem[];
}

/** Places on the page, in SVG units. */
export type Places = readonly (readonly [x: number, y: number])[];

/**
 * Draws the rows as circles, as circles with density contours, or as counted hexagons, by how many there are; row by row at (xs, ys).
 * `opaque` says that lines over them need a pale halo to be seen.
 */
export function renderMarks(xs: Series, ys: Series, frame: Frame): Marks & { opaque: boolean } {
  const places = Array.from(xs, (x, row) => [frame.x(x), frame.y(ys[row] ?? Number.NaN)] as const);
  if (places.length > MAX_CIRCLES) return { ...renderCells(places), opaque: true };
  const circles = renderCircles(places);
  if (places.length <= CROWDED_ROWS) return { ...circles, opaque: false };
  const contours = renderContours(places, frame);
  return {
    svg: `${circles.svg}\n${contours.svg}`,
    legend: [...circles.legend, ...contours.legend],
    opaque: false,
  };
}
