import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { editJson } from '../bundle-fixture.ts';
import { editRecords } from './data.ts';
import { type Damage, fails, passes, type RuleCase, skips, warns } from './rule-case.ts';

const inMetrics =
  (values: Record<string, unknown>) =>
  (dir: string): void =>
    editJson(dir, 'test_metrics.json', (metrics) => Object.assign(metrics, values));
/** Replaces every recorded prediction. */
const predict =
  (score: (label: number, row: number, before: number) => number): Damage =>
  (dir) =>
    editRecords(dir, 'test_predictions.csv', ([header = '', ...rows]) => [
      header,
      ...rows.map((record, row) => {
        const [label = '', before = ''] = record.split(',');
        return `${label},${score(Number(label), row, Number(before))}`;
      }),
    ]);

export const METRIC_CASES: readonly RuleCase[] = [
  fails(
    'metrics-plausible',
    'numbers that exclude each other',
    inMetrics({ rmse: 0.2, r2: 0.9, pearson: 1.2, mae: 0.31 }),
    [
      'test_metrics.json: pearson is 1.2; it can only be from -1 to 1',
      /test_metrics\.json: rmse is 0\.2, and the root of mse is 0\.112579/,
      'test_metrics.json: mae is 0.31, above rmse, which is 0.2',
    ],
  ),
  fails('metrics-plausible', "an R² above the square of Pearson's r", inMetrics({ r2: 0.8 }), [
    /test_metrics\.json: r2 is 0\.8, above the square of pearson, 0\.73696/,
  ]),
  passes(
    'metrics-plausible',
    'numbers rounded to three digits',
    inMetrics({ mse: 0.0127, rmse: 0.113, mae: 0.0747, r2: 0.732, pearson: 0.858 }),
  ),
  fails(
    'predictions-metrics',
    'predictions of another run',
    predict((_, __, before) => before * 0.9),
    [...Array(6).fill(/test_metrics\.json: \w+ is 0\.\d+; test_predictions\.csv gives 0\.\d+/)],
  ),
  passes('predictions-metrics', 'aliases, a sample std, float32 widened, printed decimals', (dir) =>
    editJson(dir, 'test_metrics.json', (metrics) => {
      const { mse, ground_truth_std: std } = metrics as Record<string, number>;
      for (const key of Object.keys(metrics)) delete metrics[key];
      Object.assign(metrics, {
        'Test MSE': Math.fround(mse ?? 0),
        eval: { root_mean_squared_error: 0.113 },
        label_std: (std ?? 0) * Math.sqrt(339 / 338),
        'R²': 0.732,
      });
    }),
  ),
  fails(
    'beats-mean',
    'worse than the mean',
    predict((label) => (label > 0.5 ? 0.2 : 0.9)),
    [
      /test_predictions\.csv: leaves \d+\.\d+ times the squared error of always saying 0\.6\d+, the mean label/,
    ],
  ),
  fails(
    'scores-vary',
    'one score',
    predict(() => 0.5),
    ['test_predictions.csv: gives every one of 339 rows the score 0.5'],
  ),
  fails(
    'scores-vary',
    'scores at the ends',
    predict((label, row) => (label > 0.6 ? 0.9999 : 0.0001) + row * 1e-9),
    ['test_predictions.csv: 100 % of the scores lie within 0.001 of 0 or 1; of the labels 1 %'],
  ),
  warns(
    'scores-vary',
    'three scores',
    predict((_, row) => 0.2 + 0.3 * (row % 3)),
    ['test_predictions.csv: takes only 3 different values in 339 rows'],
  ),
  fails(
    'scores-direction',
    'a head of the wrong sign',
    predict((label) => 1 - label),
    ["test_predictions.csv: falls where the labels rise: Spearman's ρ is -1.000"],
  ),
  skips(
    'scores-direction',
    'constant',
    predict(() => 0.5),
    'labels or predictions are constant',
  ),
  fails(
    'training-results',
    'a test metric of another run',
    (dir) =>
      editJson(dir, 'training_results.json', (results) => {
        results.test_mse = 0.02;
      }),
    ['training_results.json: test_mse is 0.02; test_metrics.json says 0.01267413481428626'],
  ),
  warns(
    'training-results',
    'another checkpoint, and one split evaluated twice',
    (dir) =>
      editJson(dir, 'training_results.json', (results) => {
        Object.assign(results, {
          best_metric: 0.009,
          eval_mae: 0.0747458429963891,
          eval_rmse: 0.11257946000175281,
        });
      }),
    [
      /training_results\.json: best_metric is 0\.009, and eval_mse of the model that was kept is 0\.0107/,
      'training_results.json: eval_mae, eval_rmse are, digit for digit, those of the test split',
    ],
  ),
  skips(
    'training-results',
    'no such file',
    (dir) => rmSync(join(dir, 'training_results.json')),
    'there is no training_results.json',
  ),
];
