import type { LineFit } from '../metrics/fit.ts';
import type { Frame } from './layout.ts';
import type { Swatch } from './legend.ts';
import type { Marks } from './marks.ts';
import { formatMetric, typesetMinus } from './number-text.ts';
import { PALETTE } from './palette.ts';
import type { ScatterData } from './scatter-data.ts';
import { formatCoordinate } from './svg-text.ts';

const IDENTITY = `fill="none" stroke="${PALETTE.ink}" stroke-width="1.4" stroke-dasharray="6 4"`;
const FIT = `fill="none" stroke="${PALETTE.fit}" stroke-width="2.4"`;
const HALO = `fill="none" stroke="${PALETTE.background}" stroke-opacity="0.8" stroke-width="4.5"`;

/**
 * The least-squares line over the labels' extent, where one exists, and above it the line of perfect predictions: its
 * gaps let a fitted line that coincides be seen.
 *
 * @param halo a wide pale line under each. It shows them on dark cells, and would bleach the very circles that lie on
 * them.
 */
export function renderReferenceLines(data: ScatterData, frame: Frame, halo: boolean): Marks {
  const [low, high] = data.range;
  const drawLine = (name: string, from: Corner, to: Corner, stroke: string) => {
    const d = renderLine(frame, from, to);
    return [...(halo ? [`<path d="${d}" ${HALO}/>`] : []), `<path class="${name}" d="${d}" ${stroke}/>`];
  };
  const fitted = clipFit(data);
  const lines = [
    ...(fitted === null ? [] : drawLine('fit', ...fitted, FIT)),
    ...drawLine('identity', [low, low], [high, high], IDENTITY),
  ];
  return {
    svg: lines.join('\n'),
    legend: [
      { swatch: sampleLine(IDENTITY), text: 'perfect prediction' },
      data.fit === null
        ? { text: 'no fitted line: the labels do not vary' }
        : { swatch: sampleLine(FIT), text: describeFit(data.fit) },
    ],
  };
}

function sampleLine(stroke: string): Swatch {
  return { width: 26, draw: (x, y) => `<path d="M${x},${y}h26" ${stroke}/>` };
}

/** The fitted line as people write it. */
function describeFit({ slope, intercept }: LineFit): string {
  const sign = slope < 0 ? '\u{2212}' : '+';
  const [start, step] = [intercept, Math.abs(slope)].map((value) => typesetMinus(formatMetric(value, 3)));
  return `least squares: ${start} ${sign} ${step} × true`;
}

type Corner = readonly [label: number, prediction: number];

/** The part of the fitted line that lies over the labels and within the frame; null when there is none. */
function clipFit({ fit, range: [low, high], labelExtent }: ScatterData): [Corner, Corner] | null {
  if (fit === null) return null;
  const predict = (label: number) => fit.intercept + fit.slope * label;
  const labelAt = (prediction: number) => (prediction - fit.intercept) / fit.slope;
  const crossings = fit.slope === 0 ? [] : [labelAt(low), labelAt(high)].sort((a, b) => a - b);
  const from = Math.max(labelExtent[0], crossings[0] ?? low);
  const to = Math.min(labelExtent[1], crossings[1] ?? high);
  // The line passes through the means, inside the frame: only rounding among values that barely differ empties it.
  if (from >= to) return null;
  return [
    [from, predict(from)],
    [to, predict(to)],
  ];
}

function renderLine({ x, y }: Frame, from: Corner, to: Corner): string {
  const place = ([label, prediction]: Corner) =>
    `${formatCoordinate(x(label))},${formatCoordinate(y(prediction))}`;
  return `M${place(from)}L${place(to)}`;
}
