import { editJson, editTensor, editText } from '../bundle-fixture.ts';
import { fails, type RuleCase, warns } from './rule-case.ts';

export const INFERENCE_CASES: readonly RuleCase[] = [
  fails(
    'metrics-recompute',
    'the fifth digit of the mae',
    (dir) =>
      editText(dir, 'test_metrics.json', (text) =>
        text.replace(/("mae": 0\.\d{3})(\d)/, (_, a, b) => `${a}${(Number(b) + 1) % 10}`),
      ),
    [
      /test_metrics\.json: mae is 0\.0748\d+; inference gives 0\.0747\d+, off by -1\.0e-4 \(allowed: 7\.5e-6\)/,
    ],
  ),
  warns(
    'metrics-recompute',
    'a metric of its own',
    (dir) =>
      editJson(dir, 'test_metrics.json', (metrics) => {
        metrics.my_own_score = 0.5;
      }),
    ['test_metrics.json: my_own_score is not a metric that Hubwright can measure again'],
  ),
  fails(
    'predictions-match',
    'one sign in the head flipped',
    (dir) =>
      editTensor(dir, 'regressor.weight', (values) => {
        values[7] = -(values[7] ?? 0);
      }),
    [/test_predictions\.csv: \d+ of 339 rows differ by more than 0\.0001; most, row \d+/],
  ),
];
