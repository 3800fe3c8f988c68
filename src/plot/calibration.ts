import { extent } from 'd3-array';
import {
  binByPrediction,
  type CalibrationBin,
  measureCalibrationError,
} from '../metrics/calibration-bins.ts';
import { fitLine, type LineFit } from '../metrics/fit.ts';
import { renderBinMarks } from './bin-marks.ts';
import { renderFigure } from './figure.ts';
import { labelHistogram, predictionHistogram } from './marginals.ts';
import { type StatedNumber, stateMetric, stateRows } from './metric-row.ts';
import { formatCount, formatMetric } from './number-text.ts';
import { PALETTE } from './palette.ts';
import { chooseScoreRange, type PictureData, type PictureInput, resolveInput } from './picture-input.ts';
import { renderReferenceLines } from './reference-lines.ts';
import { writeSentences } from './sentences.ts';

interface CalibrationData extends PictureData {
  readonly bins: readonly CalibrationBin[];
  /** Labels by predictions. */
  readonly fit: LineFit | null;
}

/**
 * Draws whether a predicted score means what it says, as a standalone SVG: rows of similar prediction are taken
 * together, and the mean of their true scores, with a 95 % interval, stands over the mean of their predictions. A
 * calibrated model's bins lie on the diagonal. The same input gives the same bytes.
 *
 * @throws HubwrightError `INPUT_INVALID` for series of different lengths, empty or not finite.
 */
export function renderCalibration(input: PictureInput): string {
  const data = resolveCalibration(input);
  const { labels, predictions, labelName, bins } = data;
  const range = chooseScoreRange(labels, predictions);
  const [low, high] = range;
  return renderFigure({
    ...data,
    description: describeBins(data),
    metrics: listCalibrationNumbers(data),
    x: { name: 'predicted score', range, histogram: predictionHistogram(data) },
    y: { name: `mean true ${labelName}`, range, histogram: labelHistogram(data) },
    draw(frame) {
      const lines = renderReferenceLines(
        { name: 'identity', from: [low, low], to: [high, high], text: 'perfect calibration' },
        {
          fit: data.fit,
          extent: extent(predictions) as [number, number],
          factor: 'predicted',
          without: 'no fitted line: the predictions do not vary',
        },
        frame,
        false,
      );
      const marks = renderBinMarks(
        bins.map(({ predictionMean: x, labelMean: y, interval }) => ({ x, y, interval })),
        frame,
        PALETTE.point,
        `mean of ${describeBinSize(bins)}`,
      );
      return { layers: [lines.svg, marks.svg], legend: [lines.legend, marks.legend] };
    },
  });
}

/**
 * The picture in words: one line of plain text, not escaped for any markup.
 *
 * @throws HubwrightError `INPUT_INVALID` as `renderCalibration` does.
 */
export function describeCalibration(input: PictureInput): string {
  return describeBins(resolveCalibration(input));
}

function resolveCalibration(input: PictureInput): CalibrationData {
  const { labels, predictions } = input;
  return {
    ...resolveInput(input),
    bins: binByPrediction(labels, predictions),
    fit: fitLine(predictions, labels),
  };
}

function describeBins(data: CalibrationData): string {
  const { bins, labelName, metrics } = data;
  const rows = `${formatCount(metrics.n)} ${metrics.n === 1 ? 'row' : 'rows'}`;
  const listed = bins.map(
    ({ predictionMean, labelMean }) => `${formatMetric(predictionMean, 2)} → ${formatMetric(labelMean, 2)}`,
  );
  const numbers = listCalibrationNumbers(data).slice(2);
  return writeSentences([
    `Calibration: mean true ${labelName} by predicted score for ${rows} in ${bins.length} ${bins.length === 1 ? 'bin' : 'bins'}`,
    `Predicted → true: ${listed.join(', ')}`,
    numbers.map(({ name, value }) => `${name} ${value === 'n/a' ? 'undefined' : value}`).join(', '),
    'A calibrated model has slope 1, intercept 0 and no gaps',
  ]);
}

function describeBinSize(bins: readonly CalibrationBin[]): string {
  const [least = 0, most = 0] = extent(bins, ({ rows }) => rows);
  if (bins.length === 1) return most === 1 ? 'the only row' : `all ${formatCount(most)} rows`;
  const size = least === most ? formatCount(most) : `${formatCount(least)}–${formatCount(most)}`;
  return `${size} rows of similar prediction`;
}

function listCalibrationNumbers({ bins, metrics, intervals }: CalibrationData): StatedNumber[] {
  const state = (name: string, value: number | null, decimals: number): StatedNumber => ({
    name,
    value: formatMetric(value, decimals),
    interval: '',
  });
  const gaps = bins.map(({ labelMean, predictionMean }) => Math.abs(labelMean - predictionMean));
  return [
    stateRows(metrics.n),
    { name: 'Bins', value: String(bins.length), interval: '' },
    stateMetric('Slope', 'calibrationSlope', metrics, intervals, 3),
    stateMetric('Intercept', 'calibrationIntercept', metrics, intervals, 3),
    state('Mean gap', measureCalibrationError(bins), 4),
    state('Largest gap', Math.max(...gaps), 4),
  ];
}
