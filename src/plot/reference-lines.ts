import type { LineFit } from '../metrics/fit.ts';
import type { Frame, Range } from './layout.ts';
import type { LegendItem, Swatch } from './legend.ts';
import type { Marks } from './marks.ts';
import { formatMetric, typesetMinus } from './number-text.ts';
import { PALETTE } from './palette.ts';
import { formatCoordinate } from './svg-text.ts';

const IDEAL = `fill="none" stroke="${PALETTE.ink}" stroke-width="1.4" stroke-dasharray="6 4"`;
const FIT = `fill="none" stroke="${PALETTE.fit}" stroke-width="2.4"`;
const HALO = `fill="none" stroke="${PALETTE.background}" stroke-opacity="0.8" stroke-width="4.5"`;

/** A place in the data's units. */
type Corner = readonly [x: number, y: number];

/** The line that a perfect model's rows lie on. */
export interface IdealLine {
  /** The class of its path. */
  readonly name: string;
  readonly from: Corner;
  readonly to: Corner;
  readonly text: string;
}

/** A least-squares line, drawn over `extent`, where a line fits at all. */
export interface FittedLine {
  readonly fit: LineFit | null;
  readonly extent: Range;
  /** What it multiplies, after `a + b ×`. */
  readonly factor: string;
  /** Why there is none, when there is none. */
  readonly without: string;
}

/**
 * The fitted line, and above it the ideal one: its gaps let a fitted line that coincides be seen.
 *
 * @param halo a wide pale line under each. It shows them on dark cells, and would bleach the very circles that lie on
 * them.
 */
export function renderReferenceLines(
  ideal: IdealLine,
  fitted: FittedLine | undefined,
  frame: Frame,
  halo: boolean,
): Marks {
  const drawLine = (name: string, from: Corner, to: Corner, stroke: string) => {
    const d = renderLine(frame, from, to);
    return [...(halo ? [`<path d="${d}" ${HALO}/>`] : []), `<path class="${name}" d="${d}" ${stroke}/>`];
  };
  const clipped = fitted === undefined ? null : clipFit(fitted, frame.yRange, frame.xRange);
  const lines = [
    ...(clipped === null ? [] : drawLine('fit', ...clipped, FIT)),
    ...drawLine(ideal.name, ideal.from, ideal.to, IDEAL),
  ];
  return {
    svg: lines.join('\n'),
    legend: [
      { swatch: sampleLine(IDEAL), text: ideal.text },
      ...(fitted === undefined ? [] : [describeFit(fitted)]),
    ],
  };
}

function sampleLine(stroke: string): Swatch {
  return { width: 26, draw: (x, y) => `<path d="M${x},${y}h26" ${stroke}/>` };
}

/** The fitted line as people write it. */
function describeFit({ fit, factor, without }: FittedLine): LegendItem {
  if (fit === null) return { text: without };
  const sign = fit.slope < 0 ? '\u{2212}' : '+';
  const [start, step] = [fit.intercept, Math.abs(fit.slope)].map((value) =>
    typesetMinus(formatMetric(value, 3)),
  );
  return { swatch: sampleLine(FIT), text: `least squares: ${start} ${sign} ${step} × ${factor}` };
}

/** The part of the fitted line that lies over its extent and within the frame; null when there is none. */
function clipFit({ fit, extent }: FittedLine, [low, high]: Range, [least]: Range): [Corner, Corner] | null {
  if (fit === null) return null;
  const valueAt = (x: number) => fit.intercept + fit.slope * x;
  const placeOf = (value: number) => (value - fit.intercept) / fit.slope;
  const crossings = fit.slope === 0 ? [] : [placeOf(low), placeOf(high)].sort((a, b) => a - b);
  const from = Math.max(extent[0], crossings[0] ?? least);
  const to = Math.min(extent[1], crossings[1] ?? extent[1]);
  // The line passes through the means, inside the frame: only rounding among values that barely differ empties it.
  if (from >= to) return null;
  return [
    [from, valueAt(from)],
    [to, valueAt(to)],
  ];
}

function renderLine({ x, y }: Frame, from: Corner, to: Corner): string {
  const place = ([across, up]: Corner) => `${formatCoordinate(x(across))},${formatCoordinate(y(up))}`;
  return `M${place(from)}L${place(to)}`;
}
