import { measureRegression } from '../../metrics/regression.ts';
import { compareMetric } from '../compare-metrics.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const predictionsMetrics: Rule = {
  code: 'predictions-metrics',
  title: 'the recorded predictions give the claimed metrics',
  group: 'metrics',
  severity: 'error',
  explanation:
    'The metrics of `test_predictions.csv` against the labels of `test_set.csv` are those of `test_metrics.json`, within the same tolerance as `metrics-recompute`. It needs no inference, so it tells in a second whether metrics and predictions are of one run; whether they are of these weights is for the rules of the group `inference`.',
  fix: 'write metrics and predictions in one evaluation, from the same scores',
  cheap: true,
  needs: ['json-strict', 'csv-schema', 'row-counts'],
  async check({ split, predictions, claims, tolerance }) {
    const measured = measureRegression((await split('test')).labels, await predictions());
    const allowed = await tolerance();
    const findings: RuleFinding[] = [];
    let worst = { what: 'the largest share of a tolerance', actual: 0, limit: 1 };
    for (const entry of (await claims()).filter(({ ignored, metric }) => !ignored && metric !== undefined)) {
      const { key, expected, actual, margin, status } = compareMetric(entry, measured, allowed);
      if ((margin ?? 0) > worst.actual) worst = { ...worst, actual: margin ?? 0 };
      if (status !== 'fail') continue;
      const found = actual === null ? 'no value' : Number(actual.toPrecision(10));
      findings.push({
        path: 'test_metrics.json',
        message: `${key} is ${expected}; test_predictions.csv gives ${found}`,
      });
    }
    return { findings, margin: worst };
  },
};
