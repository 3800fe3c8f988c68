import { fsum, max, median } from 'd3-array';
import { correlateSpearman } from './correlation.ts';
import { findLevels } from './levels.ts';
import { measureMoments, sumCoproducts } from './moments.ts';
import { comparePairs } from './pair-order.ts';
import { assertPairedSeries, type Series } from './series.ts';
import { deriveMetrics } from './summary.ts';

/**
 * What a regression model's predictions are worth against the labels. An error is `prediction - label`.
 * A value that the data leave undefined is null, never NaN: `explainUndefined` says why. Definitions follow scikit-learn
 * and SciPy, except that scikit-learn replaces an undefined R² by 0 or 1.
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
  /** Share of rows whose absolute error is at most 0.05 label units, [0, 1]. */
  readonly within005: number;
  /** Share of rows whose absolute error is at most 0.1 label units, [0, 1]. */
  readonly within01: number;
  /** Coefficient of determination `1 - Σ error² / Σ (label - mean)²`, ≤ 1; null for a constant label. */
  readonly r2: number | null;
  /** `1 - var(error) / var(label)`: R² forgiving a constant offset, ≤ 1; null for a constant label. */
  readonly explainedVariance: number | null;
  /** Pearson's r, [-1, 1]; null when labels or predictions are constant. */
  readonly pearson: number | null;
  /** Spearman's ρ with average ranks, [-1, 1]; null when labels or predictions are constant. */
  readonly spearman: number | null;
  /** Kendall's τ-b, [-1, 1]; null when labels or predictions are constant. */
  readonly kendall: number | null;
  /** Lin's concordance correlation coefficient with population variances (ddof 0, as Lin 1989), [-1, 1]. */
  readonly concordance: number | null;
  /** The same with sample variances (ddof 1, as torchmetrics); null for one row. */
  readonly sampleConcordance: number | null;
  /** Share of the pairs with different labels that the predictions order rightly, ties counting half, [0, 1]. */
  readonly pairwiseAccuracy: number | null;
  /** Mean error, label units; positive when the model scores too high. */
  readonly bias: number;
  /** Slope of the least-squares line `label = intercept + slope × prediction`: 1 when a prediction means what it says. */
  readonly calibrationSlope: number | null;
  /** Intercept of that line, label units; 0 when calibrated. Null, as the slope, for constant predictions. */
  readonly calibrationIntercept: number | null;
  readonly labelMean: number;
  readonly labelMin: number;
  readonly labelMax: number;
  /** Population standard deviation (ddof 0) of the labels. */
  readonly labelStd: number;
  /** Sample standard deviation (ddof 1) of the labels; null for one row. */
  readonly labelSampleStd: number | null;
  readonly predictionMean: number;
  readonly predictionMin: number;
  readonly predictionMax: number;
  /** Population standard deviation (ddof 0) of the predictions. */
  readonly predictionStd: number;
  /** Sample standard deviation (ddof 1) of the predictions; null for one row. */
  readonly predictionSampleStd: number | null;
}

/**
 * Measures predictions against labels, row by row; both in the same units and order. Takes O(n log n).
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
  const [labelLevels, predictionLevels] = [findLevels(labels), findLevels(predictions)];
  return deriveMetrics({
    n,
    label,
    prediction,
    error: measureMoments(errors),
    coproduct: sumCoproducts(labels, predictions, label.mean, prediction.mean),
    squaredErrors: fsum(errors, (value) => value ** 2),
    absoluteErrors: fsum(absolute),
    medianAbsoluteError: median(absolute) ?? 0,
    maxError: max(absolute) ?? 0,
    countWithin: (limit) => absolute.reduce((count, error) => count + Number(error <= limit), 0),
    labelRange: findRange(labels, labelLevels.order),
    predictionRange: findRange(predictions, predictionLevels.order),
    spearman: correlateSpearman(labelLevels, predictionLevels),
    pairs: comparePairs(labelLevels, predictionLevels),
  });
}

function findRange(values: Series, order: Uint32Array): readonly [number, number] {
  return [values[order[0] ?? 0] ?? Number.NaN, values[order.at(-1) ?? 0] ?? Number.NaN];
}
