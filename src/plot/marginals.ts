import { bin, range as steps } from 'd3-array';
import { type Frame, LABEL_SIZE, MARGINAL_DEPTH, MARGINAL_GAP } from './layout.ts';
import { formatMetric, typesetMinus } from './number-text.ts';
import { PALETTE } from './palette.ts';
import type { ScatterData } from './scatter-data.ts';
import { formatCoordinate, renderText } from './svg-text.ts';

/** Rows from which bins of a fortieth of the range hold enough of them to show a shape. */
const MANY_ROWS = 200;

/** Histograms of the labels above the frame and of the predictions beside it, each with its mean and deviation. */
export function renderMarginals({ points, metrics }: ScatterData, frame: Frame): string {
  const { left, top, side, x, y } = frame;
  const caption = { size: LABEL_SIZE, fill: PALETTE.muted } as const;
  const labels = binValues(
    points.map(([label]) => label),
    frame.range,
  );
  const predictions = binValues(
    points.map(([, prediction]) => prediction),
    frame.range,
  );
  const base = top - MARGINAL_GAP;
  const start = left + side + MARGINAL_GAP;
  const above = labels.map(({ from, to, share }) =>
    renderBar(x(from), base - share * MARGINAL_DEPTH, x(to) - x(from), share * MARGINAL_DEPTH),
  );
  const beside = predictions.map(({ from, to, share }) =>
    renderBar(start, y(to), share * MARGINAL_DEPTH, y(from) - y(to)),
  );
  const captionX = start + MARGINAL_DEPTH + 8;
  return [
    `<path class="label-histogram" d="${above.join('')}" fill="${PALETTE.histogram}"/>`,
    `<path class="prediction-histogram" d="${beside.join('')}" fill="${PALETTE.histogram}"/>`,
    renderText(
      describeSpread(metrics.labelMean, metrics.labelStd),
      left + side / 2,
      base - MARGINAL_DEPTH - 8,
      {
        ...caption,
        anchor: 'middle',
      },
    ),
    renderText(describeSpread(metrics.predictionMean, metrics.predictionStd), captionX, top + side / 2, {
      ...caption,
      anchor: 'middle',
      rotate: 90,
    }),
  ].join('\n');
}

function describeSpread(mean: number, std: number): string {
  return typesetMinus(`mean ${formatMetric(mean, 3)} · std ${formatMetric(std, 3)}`);
}

/** Counts in equal bins over the range, as shares of the fullest bin; empty bins are left out. */
function binValues(values: readonly number[], [low, high]: readonly [number, number]) {
  const count = values.length >= MANY_ROWS ? 40 : 20;
  const thresholds = steps(1, count).map((step) => low + ((high - low) * step) / count);
  const bins = bin().domain([low, high]).thresholds(thresholds)([...values]);
  const fullest = Math.max(1, ...bins.map(({ length }) => length));
  return bins
    .filter(({ length }) => length > 0)
    .map(({ x0 = low, x1 = high, length }) => ({ from: x0, to: x1, share: length / fullest }));
}

function renderBar(left: number, top: number, width: number, height: number): string {
  const [x, y, w, h] = [left, top, width, height].map(formatCoordinate);
  return `M${x},${y}h${w}v${h}h-${w}z`;
}
