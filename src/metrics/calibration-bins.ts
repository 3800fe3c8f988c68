import { fsum } from 'd3-array';
import { measureMoments, sampleStd } from './moments.ts';
import { assertPairedSeries, type Series } from './series.ts';
import { quantileStudent95 } from './student.ts';

/** Rows of similar prediction, taken together. */
export interface CalibrationBin {
  /** Rows in it, at least 1. */
  readonly rows: number;
  /** Smallest and largest prediction in it. */
  readonly from: number;
  readonly to: number;
  readonly predictionMean: number;
  readonly labelMean: number;
  /** 95 % interval of the mean label; null for fewer than two rows, which have no spread to judge by. */
  readonly interval: readonly [low: number, high: number] | null;
}

const MOST_BINS = 10;
/** A mean of fewer rows says little, and its interval would be as wide as the picture. */
const FEWEST_ROWS = 10;

/**
 * Parts rows by their prediction into up to ten bins of nearly equal count, ascending. Equal predictions stay together,
 * so constant predictions make one bin. The interval is Student's: mean ± t × s / √rows, with the sample deviation s.
 *
 * @throws HubwrightError `INPUT_INVALID` for series of different lengths, empty, or not finite.
 */
export function binByPrediction(labels: Series, predictions: Series): CalibrationBin[] {
  assertPairedSeries(labels, predictions);
  const rows = Array.from(labels, (label, row) => ({ label, prediction: predictions[row] ?? label }));
  rows.sort((a, b) => a.prediction - b.prediction || a.label - b.label);
  const count = Math.max(1, Math.min(MOST_BINS, Math.floor(rows.length / FEWEST_ROWS)));
  const bins: CalibrationBin[] = [];
  let start = 0;
  for (let bin = 1; bin <= count; bin += 1) {
    let end = Math.round((rows.length * bin) / count);
    while (end < rows.length && rows[end]?.prediction === rows[end - 1]?.prediction) end += 1;
    if (end > start) bins.push(describeBin(rows.slice(start, end)));
    start = Math.max(start, end);
  }
  return bins;
}

/** Mean of the bins' gaps between mean label and mean prediction, weighted by their rows; in label units, ≥ 0. */
export function measureCalibrationError(bins: readonly CalibrationBin[]): number {
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
  return fsum(bins, (bin) => bin.rows * Math.abs(bin.labelMean - bin.predictionMean)) / rows;
}

function describeBin(rows: readonly { label: number; prediction: number }[]): CalibrationBin {
  const label = measureMoments(rows.map((row) => row.label));
  const prediction = measureMoments(rows.map((row) => row.prediction));
  const std = sampleStd(label);
  const half = std === null ? null : (quantileStudent95(rows.length - 1) * std) / Math.sqrt(rows.length);
  return {
    rows: rows.length,
    from: rows[0]?.prediction ?? Number.NaN,
    to: rows.at(-1)?.prediction ?? Number.NaN,
    predictionMean: prediction.mean,
    labelMean: label.mean,
    interval: half === null ? null : [label.mean - half, label.mean + half],
  };
}
