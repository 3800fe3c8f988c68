import { binHexagons } from './hexbin.ts';
import type { Marks, Places } from './marks.ts';
import { formatCount } from './number-text.ts';
import { PALETTE } from './palette.ts';
import { formatCoordinate } from './svg-text.ts';

/** Centre to corner, in SVG units: some 45 cells across the frame. */
const RADIUS = 5.5;

/** Hexagons coloured by how many rows each holds. */
export function renderCells(places: Places): Marks {
  const cells = binHexagons(places, RADIUS);
  const most = Math.max(...cells.map(({ count }) => count));
  const classes = listCountClasses(most);
  const paths = classes.map(({ from, to, colour }) => {
    const inside = cells.filter(({ count }) => count >= from && count <= to);
    const d = inside.map(({ x, y }) => renderHexagon(x, y, RADIUS)).join('');
    // A stroke of the same colour closes the hairlines that anti-aliasing leaves between neighbours.
    return `<path d="${d}" fill="${colour}" stroke="${colour}" stroke-width="0.5"/>`;
  });
  return {
    svg: `<g class="cells">${paths.join('')}</g>`,
    legend: [
      { text: 'rows per cell' },
      ...classes.map(({ from, to, colour }) => ({
        swatch: {
          width: 12,
          draw: (x: number, y: number) => `<path d="${renderHexagon(x + 6, y, 6.5)}" fill="${colour}"/>`,
        },
        text: from === to ? formatCount(from) : `${formatCount(from)}–${formatCount(to)}`,
      })),
    ],
  };
}

/** Count classes that grow by a constant factor: one crowded corner must not bleach the rest. */
function listCountClasses(most: number): { from: number; to: number; colour: string }[] {
  const { ramp } = PALETTE;
  const edges = [...new Set(ramp.map((_, index) => Math.round(most ** (index / ramp.length))))];
  return edges.map((from, index) => ({
    from,
    to: (edges[index + 1] ?? most + 1) - 1,
    // Few classes still span the whole ramp.
    colour: ramp[Math.round(((index + 1) / edges.length) * ramp.length) - 1] ?? PALETTE.point,
  }));
}

function renderHexagon(x: number, y: number, radius: number): string {
  const side = formatCoordinate(radius);
  const half = formatCoordinate((radius * Math.sqrt(3)) / 2);
  const quarter = formatCoordinate(radius / 2);
  const start = `${formatCoordinate(x)},${formatCoordinate(y - radius)}`;
  return `M${start}l${half},${quarter}v${side}l-${half},${quarter}l-${half},-${quarter}v-${side}z`;
}
