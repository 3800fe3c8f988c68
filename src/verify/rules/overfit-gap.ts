import { resolveMetricKey } from '../../metrics/aliases.ts';
import { listMetricEntries } from '../../metrics/entries.ts';
import type { MetricId } from '../../metrics/metric-id.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** How many times the error of the training split that of the test split may be; of squares, the square of it. */
const MAX_RATIO: Partial<Record<MetricId, number>> = { mse: 4, rmse: 2, mae: 2 };
/** How much lower than on the training split a correlation may be. */
const MAX_DROP: Partial<Record<MetricId, number>> = { r2: 0.2, pearson: 0.2, spearman: 0.2 };

/** What stands before such a metric's name: `train_mse`, `training/mse`, or a level of its own. */
const OF_TRAINING = /^train(ing)?([_./-]|$)/i;

export const overfitGap: Rule = {
  code: 'overfit-gap',
  title: 'the model is not far better on what it was trained on',
  group: 'metrics',
  severity: 'warning',
  explanation:
    'Where `training_results.json` holds metrics of the training split (`train_mse`, `train_pearson` …), those of `test_metrics.json` are not far worse: an error at most twice as large (MSE four times), a correlation or R² at most 0.2 lower. A larger gap means that the model learned its rows by heart; it says little about others.',
  fix: 'stop earlier, regularise, or train on more rows; if the test split is harder by design, ignore this rule and say so',
  cheap: true,
  needs: ['json-strict'],
  async check({ trainingResults, claims }) {
    const results = await trainingResults();
    const path = 'training_results.json';
    if (results === undefined) return { notApplicable: `there is no ${path}` };
    const train = listMetricEntries(results)
      .filter(({ path: keys, ignored }) => !ignored && keys.some((key) => OF_TRAINING.test(key)))
      .map(({ key, path: keys, value }) => ({
        key,
        value,
        metric: resolveMetricKey(keys.map((word) => word.replace(OF_TRAINING, ''))),
      }))
      .filter(({ metric }) => metric !== undefined);
    if (train.length === 0) return { notApplicable: `${path} holds no metric of the training split` };
    const claimed = await claims();
    const findings: RuleFinding[] = [];
    for (const { key, metric, value } of train) {
      const test = claimed.find((claim) => claim.metric === metric)?.value;
      if (test === undefined || metric === undefined || !isFarWorse(metric, value, test)) continue;
      findings.push({ path, message: `${key} is ${value}; on the test split ${metric} is ${test}` });
    }
    return { findings };
  },
};

function isFarWorse(metric: MetricId, train: number, test: number): boolean {
  const [ratio, drop] = [MAX_RATIO[metric], MAX_DROP[metric]];
  if (ratio !== undefined) return test > ratio * train;
  return drop !== undefined && train - test > drop;
}
