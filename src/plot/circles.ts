import type { Marks, Places } from './marks.ts';
import { PALETTE } from './palette.ts';
import { formatCoordinate } from './svg-text.ts';

/** The more rows, the smaller and paler a circle, so that crowds show as darker blue; the last entry has no limit. */
const STYLES = [
  { rows: 60, radius: 4.5, opacity: 0.7 },
  { rows: 500, radius: 3.4, opacity: 0.5 },
  { rows: Number.POSITIVE_INFINITY, radius: 2.5, opacity: 0.35 },
] as const;

/** One circle a row, in input order. */
export function renderCircles(places: Places): Marks {
  const { radius, opacity } = STYLES.find(({ rows }) => places.length <= rows) ?? STYLES[2];
  const circles = places.map(
    ([x, y]) => `<circle cx="${formatCoordinate(x)}" cy="${formatCoordinate(y)}" r="${radius}"/>`,
  );
  const fill = `fill="${PALETTE.point}" fill-opacity="${opacity}"`;
  return {
    svg: `<g class="points" ${fill}>${circles.join('')}</g>`,
    legend: [
      {
        swatch: {
          width: 10,
          draw: (x, y) =>
            `<circle cx="${x + 5}" cy="${y}" r="4" fill="${PALETTE.point}" fill-opacity="0.7"/>`,
        },
        text: 'one row',
      },
    ],
  };
}
