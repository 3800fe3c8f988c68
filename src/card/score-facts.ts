import { quantileSorted } from 'd3-array';
import { resolveMetricKey, splitKeyWords } from '../metrics/aliases.ts';
import { measureBaseline } from '../metrics/baseline.ts';
import { estimateIntervals, type Interval } from '../metrics/bootstrap.ts';
import { listMetricEntries } from '../metrics/entries.ts';
import type { MetricId } from '../metrics/metric-id.ts';
import type { RegressionMetrics } from '../metrics/regression.ts';
import { explainUndefined } from '../metrics/undefined-metric.ts';

/**
 * Metrics that the card prints, in this order. `type` is the Hub's name for it in `model-index` and `metrics`; those
 * without one stand in the longer table only.
 */
const SHOWN: readonly { id: MetricId; name: string; type?: string }[] = [
  { id: 'mse', name: 'MSE', type: 'mse' },
  { id: 'mae', name: 'MAE', type: 'mae' },
  { id: 'rmse', name: 'RMSE', type: 'rmse' },
  { id: 'r2', name: 'R²', type: 'r_squared' },
  { id: 'pearson', name: 'Pearson', type: 'pearsonr' },
  { id: 'spearman', name: 'Spearman', type: 'spearmanr' },
  { id: 'kendall', name: 'Kendall τ-b' },
  { id: 'pairwiseAccuracy', name: 'Pairwise accuracy' },
  { id: 'concordance', name: 'Concordance (CCC)' },
  { id: 'medianAbsoluteError', name: 'Median absolute error' },
  { id: 'maxError', name: 'Largest absolute error' },
  { id: 'within005', name: 'Share within 0.05' },
  { id: 'within01', name: 'Share within 0.1' },
  { id: 'bias', name: 'Bias (mean error)' },
];

/** Seed of the bootstrap: any would do, and the same one gives the same card. */
const SEED = 0;
/** Share of the resamples that an interval holds. */
export const CARD_CONFIDENCE = 0.95;

export interface ShownMetric {
  readonly id: MetricId;
  readonly name: string;
  readonly type: string | undefined;
  /** Null where the test split leaves it undefined. */
  readonly test: number | null;
  /** 95 % bootstrap interval; undefined for an extreme, or what some resample leaves undefined. */
  readonly interval: Interval | undefined;
  /** What always answering with the mean training label would give; undefined without a train split. */
  readonly baseline: number | undefined;
  readonly eval: number | undefined;
}

/** Where one series lies, in the label's units. */
export interface Spread {
  readonly mean: number;
  /** Population standard deviation (ddof 0). */
  readonly std: number;
  readonly least: number;
  readonly most: number;
  /** At 5, 25, 50, 75 and 95 percent, interpolated linearly as numpy does. */
  readonly percentiles: readonly number[];
}

export interface MetricSources {
  readonly labels: Float64Array;
  readonly predictions: Float64Array;
  readonly measured: RegressionMetrics;
  /** Parsed `test_metrics.json`; its numbers win over those that the predictions give. */
  readonly claimed: unknown;
  /** Parsed `training_results.json`. */
  readonly training: unknown;
  readonly trainMean: number | undefined;
}

/** The rows of the results tables. */
export function listShownMetrics(sources: MetricSources): ShownMetric[] {
  const { labels, predictions, measured, trainMean } = sources;
  const baseline = trainMean === undefined ? undefined : measureBaseline(labels, trainMean);
  const intervals = estimateIntervals(labels, predictions, SEED, CARD_CONFIDENCE);
  const claimed = readClaims(sources.claimed);
  const evaluated = readEvalMetrics(sources.training);
  return SHOWN.map(({ id, name, type }) => ({
    id,
    name,
    type,
    test: claimed.get(id) ?? measured[id],
    interval: intervals[id],
    baseline: baseline?.[id] ?? undefined,
    eval: evaluated.get(id),
  }));
}

/** One sentence part for each reason why shown metrics have no value: "Pearson and Spearman: all labels are equal". */
export function explainMissing(
  shown: readonly ShownMetric[],
  measured: RegressionMetrics,
): { readonly names: readonly string[]; readonly reason: string }[] {
  const missing = shown.filter(({ test }) => test === null);
  const reasons = missing.map(({ id }) => explainUndefined(id, measured) ?? '');
  return [...new Set(reasons)].map((reason) => ({
    names: missing.filter((_, i) => reasons[i] === reason).map(({ name }) => name),
    reason,
  }));
}

export function measureSpread(values: Float64Array, mean: number, std: number): Spread {
  const sorted = Array.from(values).sort((a, b) => a - b);
  const percentiles = [0.05, 0.25, 0.5, 0.75, 0.95].map((p) => quantileSorted(sorted, p) ?? Number.NaN);
  return { mean, std, least: sorted[0] ?? mean, most: sorted.at(-1) ?? mean, percentiles };
}

function readClaims(json: unknown): Map<MetricId, number> {
  const claims = new Map<MetricId, number>();
  if (json === undefined) return claims;
  for (const { metric, value } of listMetricEntries(json)) {
    if (metric !== undefined && !claims.has(metric)) claims.set(metric, value);
  }
  return claims;
}

/** `eval_mse` and the like. A file of training results also holds train metrics, which say little about the model. */
function readEvalMetrics(json: unknown): Map<MetricId, number> {
  const metrics = new Map<MetricId, number>();
  if (json === undefined) return metrics;
  for (const { path, value } of listMetricEntries(json)) {
    const metric = resolveMetricKey(path);
    const isEval = splitKeyWords(path).some((word) => word === 'eval' || word === 'evaluation');
    if (metric !== undefined && isEval && !metrics.has(metric)) metrics.set(metric, value);
  }
  return metrics;
}
