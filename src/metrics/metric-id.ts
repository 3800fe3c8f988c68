import type { RegressionMetrics } from './regression.ts';

/** A metric's name in Hubwright, whatever name a metrics file gives it. */
export type MetricId = keyof RegressionMetrics;

/** Metrics that go by one name, with ddof 0 and with ddof 1. */
const TWINS: readonly (readonly [MetricId, MetricId])[] = [
  ['labelStd', 'labelSampleStd'],
  ['predictionStd', 'predictionSampleStd'],
  ['concordance', 'sampleConcordance'],
];

/**
 * Measured values that a printed metric may equal. numpy and scikit-learn print the population standard deviation,
 * pandas the sample one, and both call it "std": a file does not say which it holds.
 */
export function listAcceptedMetrics(metric: MetricId): readonly MetricId[] {
  return TWINS.find((twins) => twins.includes(metric)) ?? [metric];
}
