import type { Frame } from './layout.ts';
import type { Marks } from './marks.ts';
import { PALETTE } from './palette.ts';
import { formatCoordinate } from './svg-text.ts';

/** The mean of some rows, and where it lies with 95 % confidence; without an interval where there is none. */
export interface BinMark {
  readonly x: number;
  readonly y: number;
  readonly interval: readonly [low: number, high: number] | null;
}

const CAP = 4;
const RADIUS = 4.5;

/** A ringed dot a bin with a bar for its interval, cut where the frame ends. `text` says what a dot is the mean of. */
export function renderBinMarks(bins: readonly BinMark[], frame: Frame, colour: string, text: string): Marks {
  const bar = `fill="none" stroke="${colour}" stroke-width="2"`;
  const dot = `fill="${PALETTE.background}" stroke="${colour}" stroke-width="2.2"`;
  const { x, y, top, side } = frame;
  const clamp = (place: number) => Math.min(top + side, Math.max(top, place));
  const bars = bins.flatMap((bin) => {
    if (bin.interval === null) return [];
    const [low, high] = bin.interval.map((value) => y(value));
    return drawBar(x(bin.x), clamp(low ?? top), clamp(high ?? top));
  });
  const dots = bins.map(
    (bin) => `<circle cx="${formatCoordinate(x(bin.x))}" cy="${formatCoordinate(y(bin.y))}" r="${RADIUS}"/>`,
  );
  return {
    svg: [
      `<path class="bin-intervals" d="${bars.join('')}" ${bar}/>`,
      `<g class="bins" ${dot}>${dots.join('')}</g>`,
    ].join('\n'),
    legend: [
      {
        swatch: {
          width: 10,
          draw: (left, middle) =>
            `<path d="${drawBar(left + 5, middle + 8, middle - 8)}" ${bar}/><circle cx="${left + 5}" cy="${middle}" r="4" ${dot}/>`,
        },
        text: bars.length === 0 ? text : `${text}, with its 95 % interval`,
      },
    ],
  };
}

function drawBar(x: number, from: number, to: number): string {
  const cap = (y: number) => `M${formatCoordinate(x - CAP)},${formatCoordinate(y)}h${2 * CAP}`;
  return `${cap(from)}${cap(to)}M${formatCoordinate(x)},${formatCoordinate(from)}V${formatCoordinate(to)}`;
}
