import { editJson, editText } from '../bundle-fixture.ts';
import { fails, type RuleCase } from './rule-case.ts';

export const DATA_CASES: readonly RuleCase[] = [
  fails(
    'csv-schema',
    'a label of 1.7',
    (dir) => editText(dir, 'test_set.csv', (text) => text.replace(/,(0\.\d+)(\r?\n)/, ',1.7$2')),
    [/similarity_with_penalty is 1\.7; expected a number from 0 to 1/],
  ),
  fails(
    'row-counts',
    'another number of examples',
    (dir) =>
      editJson(dir, 'test_metrics.json', (metrics) => {
        metrics.num_examples = 955;
      }),
    ['test_metrics.json: num_examples is 955, test_set.csv has 339 rows'],
  ),
];
