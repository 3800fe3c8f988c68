import type { RegressionMetrics } from './regression.ts';

/** A metric's name in Hubwright, whatever name a metrics file gives it. */
export type MetricId = keyof RegressionMetrics;

/**
 * Measured values that a printed metric may equal. numpy and scikit-learn print the population standard deviation,
 * pandas the sample one, and both call it "std": a file does not say which it holds.
 */
export function listAcceptedMetrics(metric: MetricId): readonly MetricId[] {
  if (metric === 'labelStd' || metric === 'labelSampleStd') return ['labelStd', 'labelSampleStd'];
  if (metric === 'predictionStd' || metric === 'predictionSampleStd') {
    return ['predictionStd', 'predictionSampleStd'];
  }
  return [metric];
}
