import { quantileSorted } from 'd3-array';
import { resolveMetricKey, splitKeyWords } from '../metrics/aliases.ts';
import { listMetricEntries } from '../metrics/entries.ts';
import type { MetricId } from '../metrics/metric-id.ts';
import { measureRegression, type RegressionMetrics } from '../metrics/regression.ts';

/** Metrics that the card prints, in this order. `type` is the Hub's name for it in `model-index` and `metrics`. */
const SHOWN = [
  { id: 'mse', name: 'MSE', type: 'mse' },
  { id: 'mae', name: 'MAE', type: 'mae' },
  { id: 'rmse', name: 'RMSE', type: 'rmse' },
  { id: 'r2', name: 'R²', type: 'r_squared' },
  { id: 'pearson', name: 'Pearson', type: 'pearsonr' },
  { id: 'spearman', name: 'Spearman', type: 'spearmanr' },
] as const satisfies readonly { id: MetricId; name: string; type: string }[];

export interface ShownMetric {
  readonly id: MetricId;
  readonly name: string;
  readonly type: string;
  readonly test: number;
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
  /** Parsed `test_metrics.json`; its numbers win over those that the predictions give. */
  readonly claimed: unknown;
  /** Parsed `training_results.json`. */
  readonly training: unknown;
  readonly trainMean: number | undefined;
}

/** The rows of the results table: every shown metric that is defined on the test split. */
export function listShownMetrics(sources: MetricSources): ShownMetric[] {
  const { labels, predictions, trainMean } = sources;
  const measured = measureRegression(labels, predictions);
  const baseline = trainMean === undefined ? undefined : measureConstant(labels, trainMean);
  const claimed = readClaims(sources.claimed);
  const evaluated = readEvalMetrics(sources.training);
  return SHOWN.flatMap((metric) => {
    const test = claimed.get(metric.id) ?? measured[metric.id];
    if (test === null) return [];
    return [
      { ...metric, test, baseline: baseline?.[metric.id] ?? undefined, eval: evaluated.get(metric.id) },
    ];
  });
}

export function measureSpread(values: Float64Array, mean: number, std: number): Spread {
  const sorted = Array.from(values).sort((a, b) => a - b);
  const percentiles = [0.05, 0.25, 0.5, 0.75, 0.95].map((p) => quantileSorted(sorted, p) ?? Number.NaN);
  return { mean, std, least: sorted[0] ?? mean, most: sorted.at(-1) ?? mean, percentiles };
}

function measureConstant(labels: Float64Array, answer: number): RegressionMetrics {
  return measureRegression(labels, new Float64Array(labels.length).fill(answer));
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
