import { correlateMoments } from './correlation.ts';
import { type Moments, populationStd, sampleStd } from './moments.ts';
import { correlateKendall, measurePairwiseAccuracy, type PairOrder } from './pair-order.ts';
import type { RegressionMetrics } from './regression.ts';

/** Everything about labels and predictions that a metric is made of, however it was summed. */
export interface Summary {
  readonly n: number;
  readonly label: Moments;
  readonly prediction: Moments;
  readonly error: Moments;
  /** `Σ (label - mean)(prediction - mean)`. */
  readonly coproduct: number;
  readonly squaredErrors: number;
  readonly absoluteErrors: number;
  readonly medianAbsoluteError: number;
  readonly maxError: number;
  /** Rows whose absolute error is at most `limit`. */
  readonly countWithin: (limit: number) => number;
  readonly labelRange: readonly [number, number];
  readonly predictionRange: readonly [number, number];
  readonly spearman: number | null;
  readonly pairs: PairOrder;
}

export function deriveMetrics(summary: Summary): RegressionMetrics {
  const { n, label, prediction, error, coproduct, squaredErrors } = summary;
  const slope = defined(coproduct / prediction.squares, prediction.squares > 0);
  return {
    n,
    mse: squaredErrors / n,
    rmse: Math.sqrt(squaredErrors / n),
    mae: summary.absoluteErrors / n,
    medianAbsoluteError: summary.medianAbsoluteError,
    maxError: summary.maxError,
    within005: summary.countWithin(0.05) / n,
    within01: summary.countWithin(0.1) / n,
    r2: explainedShare(squaredErrors, label),
    explainedVariance: explainedShare(error.squares, label),
    pearson: correlateMoments(label, prediction, coproduct),
    spearman: summary.spearman,
    kendall: correlateKendall(summary.pairs),
    concordance: correlateConcordance(summary, n),
    sampleConcordance: n > 1 ? correlateConcordance(summary, n - 1) : null,
    pairwiseAccuracy: measurePairwiseAccuracy(summary.pairs),
    bias: error.mean,
    calibrationSlope: slope,
    calibrationIntercept: slope === null ? null : defined(label.mean - slope * prediction.mean),
    labelMean: label.mean,
    labelMin: summary.labelRange[0],
    labelMax: summary.labelRange[1],
    labelStd: populationStd(label),
    labelSampleStd: sampleStd(label),
    predictionMean: prediction.mean,
    predictionMin: summary.predictionRange[0],
    predictionMax: summary.predictionRange[1],
    predictionStd: populationStd(prediction),
    predictionSampleStd: sampleStd(prediction),
  };
}

/** `1 - residual / total`; null where the labels do not vary, or vary so little that the quotient overflows. */
function explainedShare(residualSquares: number, label: Moments): number | null {
  return defined(1 - residualSquares / label.squares, label.squares > 0);
}

/**
 * Lin's concordance correlation coefficient, `2 s_xy / (s_x² + s_y² + (x̄ - ȳ)²)` (Lin 1989, Biometrics 45), the moments
 * divided by `divisor`. Null when labels and predictions are one and the same constant.
 */
function correlateConcordance(
  { label, prediction, error, coproduct }: Summary,
  divisor: number,
): number | null {
  const spread = (label.squares + prediction.squares) / divisor + error.mean ** 2;
  return defined((2 * coproduct) / divisor / spread, spread > 0);
}

function defined(value: number, condition = true): number | null {
  return condition && Number.isFinite(value) ? value : null;
}
