import type { MetricEntry } from '../metrics/entries.ts';
import type { RegressionMetrics } from '../metrics/regression.ts';
import { metricTolerance, type Tolerance } from '../metrics/tolerance.ts';
import type { MetricComparison } from '../verification.ts';

/** Compares a claimed number with what was measured. Of several accepted readings (a std says not its ddof) the nearest counts. */
export function compareMetric(
  entry: MetricEntry,
  measured: RegressionMetrics,
  tolerances: Tolerance,
): MetricComparison {
  const { key, value: expected } = entry;
  const tolerance = entry.metric === 'n' ? 0 : metricTolerance(entry, tolerances);
  const none = { key, expected, actual: null, difference: null, tolerance, margin: null };
  if (entry.metric === undefined) return { ...none, status: 'not-verified' };
  const [nearest] = entry.accepts
    .map((metric) => ({ metric, actual: measured[metric] }))
    .filter(
      (reading): reading is { metric: keyof RegressionMetrics; actual: number } => reading.actual !== null,
    )
    .sort((a, b) => Math.abs(a.actual - expected) - Math.abs(b.actual - expected));
  if (nearest === undefined) return { ...none, metric: entry.metric, status: 'fail' };
  const difference = nearest.actual - expected;
  const margin = shareOf(Math.abs(difference), tolerance);
  const status = Math.abs(difference) <= tolerance ? 'pass' : 'fail';
  return {
    key,
    metric: nearest.metric,
    expected,
    actual: nearest.actual,
    difference,
    tolerance,
    margin,
    status,
  };
}

/** JSON has no infinity, which is what any difference is of a tolerance of 0. */
function shareOf(difference: number, tolerance: number): number {
  return difference === 0 ? 0 : Number(Math.min(difference / tolerance, 1e9).toPrecision(4));
}
