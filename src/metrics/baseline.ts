import { measureRegression, type RegressionMetrics } from './regression.ts';
import type { Series } from './series.ts';

/** What a model that always gives one answer, such as the mean training label, is worth: the least to beat. */
export function measureBaseline(labels: Series, answer: number): RegressionMetrics {
  return measureRegression(labels, new Float64Array(labels.length).fill(answer));
}

/**
 * The share of the baseline's squared error that a model does away with, `1 - MSE / baseline MSE`, at most 1 and negative
 * for a model that is worse. Null for a baseline without error.
 */
export function measureSkill(
  model: { readonly mse: number },
  baseline: { readonly mse: number },
): number | null {
  return baseline.mse > 0 ? 1 - model.mse / baseline.mse : null;
}
