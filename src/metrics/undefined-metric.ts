import type { MetricId } from './metric-id.ts';
import type { RegressionMetrics } from './regression.ts';

/**
 * Why a metric has no value for these rows, as the end of a sentence: "all predictions are equal". Undefined when the
 * metric has one.
 */
export function explainUndefined(metric: MetricId, measured: RegressionMetrics): string | undefined {
  if (measured[metric] !== null) return undefined;
  if (measured.n === 1) return 'there is only one row';
  const constant = [
    ...(measured.labelMin === measured.labelMax ? ['labels'] : []),
    ...(measured.predictionMin === measured.predictionMax ? ['predictions'] : []),
  ];
  if (constant.length > 0) return `all ${constant.join(' and all ')} are equal`;
  return 'the values differ too little to divide by their spread';
}
