import { binByPrediction } from '../metrics/calibration-bins.ts';
import { measureMoments, populationStd } from '../metrics/moments.ts';
import { renderBinMarks } from './bin-marks.ts';
import { renderFigure } from './figure.ts';
import { predictionHistogram } from './marginals.ts';
import { renderMarks } from './marks.ts';
import { type StatedNumber, stateMetric, stateRows } from './metric-row.ts';
import { formatCount } from './number-text.ts';
import { PALETTE } from './palette.ts';
import {
  chooseErrorRange,
  chooseScoreRange,
  type PictureData,
  type PictureInput,
  resolveInput,
} from './picture-input.ts';
import { renderReferenceLines } from './reference-lines.ts';
import { writeSentences } from './sentences.ts';

/**
 * Draws errors (predicted minus true) against predictions as a standalone SVG: the line of no error, the mean error of
 * up to ten groups of similar prediction, a histogram along each side, and the metrics of the errors. The same input
 * gives the same bytes.
 *
 * @throws HubwrightError `INPUT_INVALID` for series of different lengths, empty or not finite.
 */
export function renderResiduals(input: PictureInput): string {
  const data = resolveInput(input);
  const { labels, predictions, metrics } = data;
  const errors = Float64Array.from(labels, (label, row) => (predictions[row] ?? Number.NaN) - label);
  const range = chooseScoreRange(predictions);
  const histogram = {
    name: 'error-histogram',
    values: errors,
    mean: metrics.bias,
    std: populationStd(measureMoments(errors)),
  };
  return renderFigure({
    ...data,
    description: describeErrors(data),
    metrics: listErrorMetrics(data),
    x: { name: 'predicted score', range, histogram: predictionHistogram(data) },
    y: { name: 'error: predicted − true', range: chooseErrorRange(errors), histogram },
    draw(frame) {
      const marks = renderMarks(predictions, errors, frame);
      const lines = renderReferenceLines(
        { name: 'no-error', from: [range[0], 0], to: [range[1], 0], text: 'perfect prediction' },
        undefined,
        frame,
        marks.opaque,
      );
      const bins = binByPrediction(errors, predictions).map(
        ({ predictionMean: x, labelMean: y, interval }) => ({ x, y, interval }),
      );
      const means = renderBinMarks(bins, frame, PALETTE.fit, `mean error of ${nameGroups(bins.length)}`);
      return {
        layers: [marks.svg, lines.svg, means.svg],
        legend: [[...lines.legend, ...means.legend], marks.legend],
      };
    },
  });
}

/**
 * The picture in words: one line of plain text, not escaped for any markup.
 *
 * @throws HubwrightError `INPUT_INVALID` as `renderResiduals` does.
 */
export function describeResiduals(input: PictureInput): string {
  return describeErrors(resolveInput(input));
}

function describeErrors(data: PictureData): string {
  const rows = `${formatCount(data.metrics.n)} ${data.metrics.n === 1 ? 'row' : 'rows'}`;
  const numbers = listErrorMetrics(data).slice(1);
  return writeSentences([
    `Errors, predicted minus true ${data.labelName}, against the predicted score for ${rows}`,
    numbers.map(({ name, value }) => `${name} ${value}`).join(', '),
    'A perfect model has errors of 0 everywhere',
  ]);
}

function nameGroups(count: number): string {
  return count === 1 ? 'all rows' : `${count} groups of similar prediction`;
}

function listErrorMetrics({ metrics, intervals }: PictureData): StatedNumber[] {
  return [
    stateRows(metrics.n),
    stateMetric('Mean error', 'bias', metrics, intervals, 4),
    stateMetric('RMSE', 'rmse', metrics, intervals, 4),
    stateMetric('MAE', 'mae', metrics, intervals, 4),
    stateMetric('Median |error|', 'medianAbsoluteError', metrics, intervals, 4),
    stateMetric('Largest |error|', 'maxError', metrics, intervals, 4),
  ];
}
