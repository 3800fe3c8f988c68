import type { Lock, LockedFile } from '../bundle.ts';
import type { RegressionMetrics } from '../metrics/regression.ts';
import { SPLIT_FILES } from '../splits.ts';
import type { BaselineComparison, VerificationReport } from '../verification.ts';

/** What the model is compared with. */
export interface Baseline {
  /** As it was named. */
  readonly source: string;
  readonly report: VerificationReport;
  /** How much worse a metric may be, in its own unit, by its name in Hubwright. */
  readonly maxWorse?: Readonly<Record<string, number>> | undefined;
}

/** Metrics that say how good a model is, and whether more is better. */
const QUALITY = {
  mse: -1,
  rmse: -1,
  mae: -1,
  medianAbsoluteError: -1,
  r2: 1,
  explainedVariance: 1,
  pearson: 1,
  spearman: 1,
  kendall: 1,
  concordance: 1,
  pairwiseAccuracy: 1,
} as const;

/** What counts as noise: of an error its share, of a correlation an absolute difference. */
const ERROR_SHARE = 0.01;
const SCORE_STEP = 0.005;

/** Compares every metric that both have: what the baseline's report measured, and what was measured now. */
export function compareWithBaseline(
  { source, report, maxWorse = {} }: Baseline,
  lock: Lock,
  metrics: RegressionMetrics,
): BaselineComparison {
  const earlier = new Map(report.metrics.map(({ metric, actual }) => [metric, actual]));
  const compared = (Object.keys(QUALITY) as (keyof typeof QUALITY)[]).flatMap((metric) => {
    const [before, now] = [earlier.get(metric), metrics[metric]];
    if (typeof before !== 'number' || now === null) return [];
    const direction = QUALITY[metric];
    const allowed = maxWorse[metric] ?? (direction < 0 ? ERROR_SHARE * Math.abs(before) : SCORE_STEP);
    const gain = direction * (now - before);
    const status = gain > 0 ? ('better' as const) : gain >= -allowed ? ('same' as const) : ('worse' as const);
    return [{ metric, before, now, allowed, status }];
  });
  const hashOf = (files: readonly LockedFile[]) =>
    files.find(({ path }) => path === SPLIT_FILES.test)?.sha256;
  const sameTestSet = hashOf(report.files) !== undefined && hashOf(report.files) === hashOf(lock.files);
  return { source, rootDigest: report.rootDigest, sameTestSet, metrics: compared };
}
