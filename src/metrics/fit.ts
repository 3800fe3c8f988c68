import { measureMoments, sumCoproducts } from './moments.ts';
import { assertPairedSeries, type Series } from './series.ts';

/** The line `prediction = intercept + slope × label`. */
export interface LineFit {
  /** Predicted units per label unit; 1 for a model that neither flattens nor exaggerates. */
  readonly slope: number;
  /** Prediction at label 0. */
  readonly intercept: number;
}

/**
 * Ordinary least squares of the predictions on the labels. Null when all labels are equal: every slope fits then.
 *
 * @throws HubwrightError `INPUT_INVALID` for series of different lengths, empty, or not finite.
 */
export function fitLine(labels: Series, predictions: Series): LineFit | null {
  assertPairedSeries(labels, predictions);
  const label = measureMoments(labels);
  const prediction = measureMoments(predictions);
  if (label.squares === 0) return null;
  const slope = sumCoproducts(labels, predictions, label.mean, prediction.mean) / label.squares;
  const intercept = prediction.mean - slope * label.mean;
  return Number.isFinite(slope) && Number.isFinite(intercept) ? { slope, intercept } : null;
}
