import { traceDensity } from './density.ts';
import type { Frame } from './layout.ts';
import type { Marks, Places } from './marks.ts';
import { PALETTE } from './palette.ts';
import { formatCoordinate } from './svg-text.ts';

const SHARES: readonly number[] = [0.25, 0.5, 0.75];
const STROKE = `fill="none" stroke="${PALETTE.contour}" stroke-width="1.3" stroke-linejoin="round"`;

/** Contours around the densest quarter, half and three quarters of the rows. */
export function renderContours(places: Places, { x, y, xRange, yRange }: Frame): Marks {
  const [left, top] = [x(xRange[0]), y(yRange[1])];
  const side = x(xRange[1]) - left;
  const local = places.map(([px, py]) => [px - left, py - top] as const);
  const paths = traceDensity(local, side, SHARES).map(({ lines }) => {
    const d = lines.map((line) => {
      const vertices = line.map(([px, py]) => `${formatCoordinate(px + left)},${formatCoordinate(py + top)}`);
      return `M${vertices.join('L')}`;
    });
    return `<path d="${d.join('')}"/>`;
  });
  const percent = SHARES.map((share) => Math.round(share * 100)).join(', ');
  return {
    svg: `<g class="contours" ${STROKE}>${paths.join('')}</g>`,
    legend: [
      {
        swatch: {
          width: 22,
          draw: (px, py) => `<ellipse cx="${px + 11}" cy="${py}" rx="10" ry="5" ${STROKE}/>`,
        },
        text: `densest ${percent} % of the rows`,
      },
    ],
  };
}
