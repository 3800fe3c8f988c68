import type { Frame } from './layout.ts';
import type { Marks } from './marks.ts';
import { formatMetric, typesetMinus } from './number-text.ts';
import { PALETTE } from './palette.ts';
import type { ScatterData } from './scatter-data.ts';
import { formatCoordinate } from './svg-text.ts';

const IDENTITY = `fill="none" stroke="${PALETTE.ink}" stroke-width="1.4" stroke-dasharray="6 4"`;
const FIT = `fill="none" stroke="${PALETTE.fit}" stroke-width="2.4"`;
const HALO = `fill="none" stroke="${PALETTE.background}" stroke-opacity="0.8" stroke-width="4.5"`;

/**
 * The line of perfect predictions, and the least-squares line over the labels' extent where one exists.
 *
 * @param halo a wide pale line under each. It shows them on dark cells, and would bleach the very circles that lie on
 * them.
 */
export function renderReferenceLines(data: ScatterData, frame: Frame, halo: boolean): Marks {
  const [low, high] = frame.range;
  const identity = renderLine(frame, [low, low], [high, high]);
  const fitted = clipFit(data);
  const lines = [`<path class="identity" d="${identity}" ${IDENTITY}/>`];
  if (halo) lines.unshift(`<path d="${identity}" ${HALO}/>`);
  if (fitted !== null) {
    const fit = renderLine(frame, ...fitted);
    if (halo) lines.push(`<path d="${fit}" ${HALO}/>`);
    lines.push(`<path class="fit" d="${fit}" ${FIT}/>`);
  }
  const identityItem = {
    swatchWidth: 26,
    swatch: (x: number, y: number) => `<path d="M${x},${y}h26" ${IDENTITY}/>`,
    text: 'perfect prediction',
  };
  const fitItem = {
    swatchWidth: data.fit === null ? 0 : 26,
    swatch: (x: number, y: number) => (data.fit === null ? '' : `<path d="M${x},${y}h26" ${FIT}/>`),
    text: data.fit === null ? 'no fitted line: the labels do not vary' : describeFit(data.fit),
  };
  return { svg: lines.join('\n'), legend: [identityItem, fitItem] };
}

/** The fitted line as people write it. */
function describeFit({ slope, intercept }: NonNullable<ScatterData['fit']>): string {
  const sign = slope < 0 ? '-' : '+';
  return typesetMinus(
    `least squares: ${formatMetric(intercept, 3)} ${sign} ${formatMetric(Math.abs(slope), 3)} × true`,
  ).replace(' - ', ' \u{2212} ');
}

type Corner = readonly [label: number, prediction: number];

/** The part of the fitted line that lies over the labels and within the frame; null when there is none. */
function clipFit({ fit, range, labelExtent }: ScatterData): [Corner, Corner] | null {
  if (fit === null) return null;
  const [low, high] = range;
  const predict = (label: number) => fit.intercept + fit.slope * label;
  const labelAt = (prediction: number) => (prediction - fit.intercept) / fit.slope;
  const crossings = fit.slope === 0 ? [] : [labelAt(low), labelAt(high)].sort((a, b) => a - b);
  const from = Math.max(low, labelExtent[0], crossings[0] ?? low);
  const to = Math.min(high, labelExtent[1], crossings[1] ?? high);
  const isFlatOutside = fit.slope === 0 && (fit.intercept < low || fit.intercept > high);
  if (from >= to || isFlatOutside) return null;
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
