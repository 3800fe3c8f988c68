import { bin, range as steps } from 'd3-array';
import type { Series } from '../metrics/series.ts';
import { type Frame, LABEL_SIZE, MARGINAL_DEPTH, MARGINAL_GAP, type Range } from './layout.ts';
import { formatMetric, typesetMinus } from './number-text.ts';
import { PALETTE } from './palette.ts';
import type { PictureData } from './picture-input.ts';
import { formatCoordinate, renderText } from './svg-text.ts';

/** Rows from which bins of a fortieth of the range hold enough of them to show a shape. */
const MANY_ROWS = 200;

/** One series along a side of the frame. */
export interface Marginal {
  /** The class of its path. */
  readonly name: string;
  readonly values: Series;
  readonly mean: number;
  /** Population standard deviation. */
  readonly std: number;
}

/** The true scores along an axis. */
export function labelHistogram({ labels, metrics }: PictureData): Marginal {
  return { name: 'label-histogram', values: labels, mean: metrics.labelMean, std: metrics.labelStd };
}

/** The predicted scores along an axis. */
export function predictionHistogram({ predictions, metrics }: PictureData): Marginal {
  const { predictionMean: mean, predictionStd: std } = metrics;
  return { name: 'prediction-histogram', values: predictions, mean, std };
}

const CAPTION = { size: LABEL_SIZE, fill: PALETTE.muted, anchor: 'middle' } as const;

/** A histogram above the frame, of what its horizontal axis shows, with mean and deviation. */
export function renderMarginalAbove(
  { name, values, mean, std }: Marginal,
  { left, top, side, x, xRange }: Frame,
): string {
  const base = top - MARGINAL_GAP;
  const bars = binValues(values, xRange).map(({ from, to, share }) =>
    renderBar(x(from), base - share * MARGINAL_DEPTH, x(to) - x(from), share * MARGINAL_DEPTH),
  );
  return [
    renderBars(name, bars),
    renderText(describeSpread(mean, std), left + side / 2, base - MARGINAL_DEPTH - 8, CAPTION),
  ].join('\n');
}

/** A histogram beside the frame, of what its vertical axis shows, with mean and deviation. */
export function renderMarginalBeside(
  { name, values, mean, std }: Marginal,
  { left, top, side, y, yRange }: Frame,
): string {
  const start = left + side + MARGINAL_GAP;
  const bars = binValues(values, yRange).map(({ from, to, share }) =>
    renderBar(start, y(to), share * MARGINAL_DEPTH, y(from) - y(to)),
  );
  const captionX = start + MARGINAL_DEPTH + 8;
  return [
    renderBars(name, bars),
    renderText(describeSpread(mean, std), captionX, top + side / 2, { ...CAPTION, rotate: 90 }),
  ].join('\n');
}

function renderBars(name: string, bars: readonly string[]): string {
  return `<path class="${name}" d="${bars.join('')}" fill="${PALETTE.histogram}"/>`;
}

function describeSpread(mean: number, std: number): string {
  return typesetMinus(`mean ${formatMetric(mean, 3)} · std ${formatMetric(std, 3)}`);
}

/** Counts in equal bins over the range, as shares of the fullest bin; empty bins are left out. */
function binValues(values: Series, [low, high]: Range) {
  const count = values.length >= MANY_ROWS ? 40 : 20;
  const thresholds = steps(1, count).map((step) => low + ((high - low) * step) / count);
  const bins = bin().domain([low, high]).thresholds(thresholds)(Array.from(values));
  const fullest = Math.max(1, ...bins.map(({ length }) => length));
  return bins
    .filter(({ length }) => length > 0)
    .map(({ x0 = low, x1 = high, length }) => ({ from: x0, to: x1, share: length / fullest }));
}

function renderBar(left: number, top: number, width: number, height: number): string {
  const [x, y, w, h] = [left, top, width, height].map(formatCoordinate);
  return `M${x},${y}h${w}v${h}h-${w}z`;
}
