import { splitKeyWords } from '../../metrics/aliases.ts';
import type { MetricEntry } from '../../metrics/entries.ts';
import { listMetricEntries } from '../../metrics/entries.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const trainingResults: Rule = {
  code: 'training-results',
  title: 'training_results.json is of the same run',
  group: 'metrics',
  severity: 'error',
  explanation:
    'Numbers about the test split in `training_results.json` are those of `test_metrics.json`; `best_metric` is the value of the metric that chose the checkpoint, if Trainer loaded the best one at the end; and the metrics of the evaluation split are not, digit for digit, those of the test split, which would mean that one split was evaluated twice.',
  fix: 'put training_results.json and test_metrics.json of one and the same run into the run folder',
  cheap: true,
  needs: ['json-strict'],
  async check({ trainingResults: read, claims, trainingArgs }) {
    const results = await read();
    const path = 'training_results.json';
    if (results === undefined) return { notApplicable: `there is no ${path}` };
    const claimed = await claims();
    const entries = listMetricEntries(results).filter(({ ignored }) => !ignored);
    const findings: RuleFinding[] = [];
    const isTest = ({ path: keys }: MetricEntry) => splitKeyWords(keys).includes('test');
    for (const entry of entries.filter((one) => one.metric !== undefined && isTest(one))) {
      const same = claimed.filter(({ metric }) => metric === entry.metric);
      if (same.length === 0 || same.some(({ value }) => agree(value, entry.value))) continue;
      findings.push({
        path,
        message: `${entry.key} is ${entry.value}; test_metrics.json says ${same[0]?.value}`,
      });
    }
    findings.push(...judgeBest(results, await trainingArgs()));
    const twins = entries
      .filter((one) => one.metric !== undefined && one.metric !== 'n' && !isTest(one))
      .filter((one) =>
        claimed.some(
          ({ metric, value }) => metric === one.metric && value === one.value && !Number.isInteger(value),
        ),
      );
    if (twins.length > 1) {
      const names = twins.map(({ key }) => key).join(', ');
      findings.push({
        path,
        severity: 'warning',
        message: `${names} are, digit for digit, those of the test split: was one split evaluated twice?`,
      });
    }
    return { findings };
  },
};

function judgeBest(
  results: Readonly<Record<string, unknown>>,
  args: Readonly<Record<string, unknown>> | undefined,
): RuleFinding[] {
  const { best_metric: best } = results;
  const name = args?.metric_for_best_model;
  if (typeof best !== 'number' || typeof name !== 'string' || args?.load_best_model_at_end !== true)
    return [];
  const value = results[name] ?? results[`eval_${name}`];
  if (typeof value !== 'number' || agree(best, value)) return [];
  const message = `best_metric is ${best}, and ${name} of the model that was kept is ${value}: another checkpoint was evaluated`;
  return [{ path: 'training_results.json', severity: 'warning', message }];
}

/** The same number, printed with more or fewer digits. */
function agree(a: number, b: number): boolean {
  return (
    Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b)) ||
    Number(a.toPrecision(4)) === Number(b.toPrecision(4))
  );
}
