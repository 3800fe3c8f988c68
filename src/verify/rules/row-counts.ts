import { join } from 'node:path';
import { readCsv } from '../../formats/csv.ts';
import { PREDICTIONS_FILE } from '../../splits.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const rowCounts: Rule = {
  code: 'row-counts',
  title: 'metrics, predictions and test split agree on the rows',
  group: 'data',
  severity: 'error',
  explanation:
    '`test_metrics.json`, `test_predictions.csv` and `test_set.csv` speak of the same number of rows.',
  fix: 'publish the split that was evaluated, or evaluate again',
  cheap: true,
  needs: ['csv-schema', 'json-strict'],
  async check({ dir, files, split, claims }) {
    const rows = (await split('test')).labels.length;
    const findings: RuleFinding[] = [];
    for (const { key, metric, value } of await claims()) {
      if (metric !== 'n' || value === rows) continue;
      findings.push({
        path: 'test_metrics.json',
        message: `${key} is ${value}, test_set.csv has ${rows} rows`,
        hint: 'evaluate again on the test split that is published, or publish the one that was evaluated',
      });
    }
    if (files.includes(PREDICTIONS_FILE)) {
      const predicted = (await readCsv(join(dir, PREDICTIONS_FILE))).rows.length;
      if (predicted !== rows) {
        findings.push({
          path: PREDICTIONS_FILE,
          message: `has ${predicted} rows, test_set.csv has ${rows}`,
          hint: 'write the predictions again, one row a test row, in the same order',
        });
      }
    }
    return { findings };
  },
};
