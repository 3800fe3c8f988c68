import { compareWithBaseline } from '../baseline.ts';
import type { Rule } from '../rule.ts';

export const baselineMetrics: Rule = {
  code: 'baseline-metrics',
  title: 'the model is not worse than the baseline',
  group: 'baseline',
  severity: 'error',
  explanation:
    'No metric is worse than in an earlier report, named by `--baseline` or `verify.baseline`: a file, or `owner/name@revision` of a published model. Worse by less than 1 % of an error, or by less than 0.005 of a correlation, R² or accuracy, counts as the same; `verify.baseline.maxWorse` sets other limits. If the baseline was measured on another test split, the comparison only warns.',
  fix: 'publish it under another name or revision, find out what got worse, or raise verify.baseline.maxWorse if it is meant so',
  cheap: false,
  needs: ['metrics-recompute'],
  async check({ baseline, lock, measurement }) {
    if (baseline === undefined) return { notApplicable: 'no --baseline was named' };
    const { metrics, intervals } = await measurement();
    if (intervals !== undefined) return { skipped: 'a sample of the rows is not compared with all of them' };
    const comparison = compareWithBaseline(baseline, lock, metrics);
    if (comparison.metrics.length === 0) return { skipped: `${baseline.source} holds no metric to compare` };
    const severity = comparison.sameTestSet ? 'error' : 'warning';
    const other = comparison.sameTestSet ? '' : ', though on another test split';
    const findings = comparison.metrics
      .filter(({ status }) => status === 'worse')
      .map(({ metric, before, now, allowed }) => ({
        path: 'test_metrics.json',
        severity: severity as 'error' | 'warning',
        message: `${metric} is ${Number(now.toPrecision(6))}; ${baseline.source} has ${Number(before.toPrecision(6))}${other} (worse by at most ${Number(allowed.toPrecision(3))} is allowed)`,
      }));
    return { findings, baseline: comparison };
  },
};
