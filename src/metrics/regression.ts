import { fsum, max, median } from 'd3-array';
import { correlatePearson, correlateSpearman } from './correlation.ts';
import { type Moments, measureMoments, populationStd, sampleStd } from './moments.ts';
import { assertPairedSeries, type Series } from './series.ts';

/**
 * What a regression model's predictions are worth against the labels. An error is `prediction - label`.
 * A value that the data leave undefined is null, never NaN. Definitions follow scikit-learn and SciPy, except that
 * scikit-learn replaces an undefined R² by 0 or 1.
 */
export interface RegressionMetrics {
  /** Rows measured, at least 1. */
  readonly n: number;
  /** Mean squared error, label units squared, ≥ 0. */
  readonly mse: number;
  /** Root of `mse`, label units, ≥ 0. */
  readonly rmse: number;
  /** Mean absolute error, label units, ≥ 0. */
  readonly mae: number;
  /** Median of the absolute errors, label units; the mean of the two middle ones for an even `n`. */
  readonly medianAbsoluteError: number;
  /** Largest absolute error, label units. */
  readonly maxError: number;
  /** Coefficient of determination `1 - Σ error² / Σ (label - mean)²`, ≤ 1; null for a constant label. */
  readonly r2: number | null;
  /** `1 - var(error) / var(label)`: R² forgiving a constant offset, ≤ 1; null for a constant label. */
  readonly explainedVariance: number | null;
  /** Pearson's r, [-1, 1]; null when labels or predictions are constant. */
  readonly pearson: number | null;
  /** Spearman's ρ with average ranks, [-1, 1]; null when labels or predictions are constant. */
  readonly spearman: number | null;
  /** Mean error, label units; positive when the model scores too high. */
  readonly bias: number;
  readonly labelMean: number;
  /** Population standard deviation (ddof 0) of the labels. */
  readonly labelStd: number;
  /** Sample standard deviation (ddof 1) of the labels; null for one row. */
  readonly labelSampleStd: number | null;
  readonly predictionMean: number;
  /** Population standard deviation (ddof 0) of the predictions. */
  readonly predictionStd: number;
  /** Sample standard deviation (ddof 1) of the predictions; null for one row. */
  readonly predictionSampleStd: number | null;
}

/**
 * Measures predictions against labels, row by row; both in the same units and order.
 *
 * @throws HubwrightError `INPUT_INVALID` for series of different lengths, empty, or not finite.
 */
export function measureRegression(labels: Series, predictions: Series): RegressionMetrics {
  assertPairedSeries(labels, predictions);
  const n = labels.length;
  const errors = Float64Array.from(labels, (label, row) => (predictions[row] ?? Number.NaN) - label);
  const absolute = errors.map(Math.abs);
  const label = measureMoments(labels);
  const prediction = measureMoments(predictions);
  const error = measureMoments(errors);
  const squaredErrors = fsum(errors, (value) => value ** 2);
  return {
    n,
    mse: squaredErrors / n,
    rmse: Math.sqrt(squaredErrors / n),
    mae: fsum(absolute) / n,
    medianAbsoluteError: median(absolute) ?? 0,
    maxError: max(absolute) ?? 0,
    r2: explainedShare(squaredErrors, label),
    explainedVariance: explainedShare(error.squares, label),
    pearson: correlatePearson(labels, predictions),
    spearman: correlateSpearman(labels, predictions),
    bias: error.mean,
    labelMean: label.mean,
    labelStd: populationStd(label),
    labelSampleStd: sampleStd(label),
    predictionMean: prediction.mean,
    predictionStd: populationStd(prediction),
    predictionSampleStd: sampleStd(prediction),
  };
}

/** `1 - residual / total`; null where the labels do not vary, or vary so little that the quotient overflows. */
function explainedShare(residualSquares: number, label: Moments): number | null {
  const share = 1 - residualSquares / label.squares;
  return label.squares > 0 && Number.isFinite(share) ? share : null;
}
