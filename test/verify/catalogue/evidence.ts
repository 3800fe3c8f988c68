import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { editJson, editText } from '../bundle-fixture.ts';
import { editRecords, leak, setLabel } from '../cases/data.ts';
import {
  editPrintedScore,
  editTableLabel,
  editTableScore,
  moveScore,
  showOtherText,
  showScore,
} from '../cases/examples.ts';
import { overfit, shareGroup } from '../cases/groups.ts';
import { pickleCall, torchArchive } from '../cases/privacy.ts';
import { bump, type Damage, type Mutation, mutation, patch, truncate, write } from './damage.ts';

/** Assembled here, so that no scanner takes this file for one that holds a credential. */
const TOKEN = ['hf', 'QwErTyUiOpAsDfGhJkLzXcVbNmQwErTyUi'].join('_');

const inMetrics =
  (edit: (metrics: Record<string, unknown>) => void): Damage =>
  (dir) =>
    editJson(dir, 'test_metrics.json', edit);
const metric = (key: string, value: unknown) =>
  inMetrics((metrics) => {
    metrics[key] = value;
  });
const inRows =
  (file: string, edit: (rows: string[]) => string[]): Damage =>
  (dir) =>
    editRecords(dir, file, ([header = '', ...rows]) => [header, ...edit(rows)]);
const exchange = <T>(rows: T[], a: number, b: number): T[] => {
  const [first, second] = [rows[a], rows[b]];
  return first === undefined || second === undefined ? rows : rows.with(a, second).with(b, first);
};
/** Moves each prediction. */
const predict = (score: (before: number, row: number) => number) =>
  inRows('test_predictions.csv', (rows) =>
    rows.map((record, row) => {
      const [label = '', before = ''] = record.split(',');
      return `${label},${score(Number(before), row)}`;
    }),
  );
const both =
  (...damages: Damage[]): Damage =>
  async (dir) => {
    for (const damage of damages) await damage(dir);
  };

const METRICS: readonly Mutation[] = [
  ...(['mse', 'mae', 'rmse', 'r2', 'pearson', 'spearman'] as const).map((key) =>
    mutation(`the third digit of ${key} in the metrics`, ['metrics-recompute'], (dir) =>
      editText(dir, 'test_metrics.json', (text) => bump(text, new RegExp(`("${key}": 0\\.0*[1-9]\\d)(\\d)`))),
    ),
  ),
  mutation('mse of another run', ['metrics-recompute', 'card-numbers'], metric('mse', 0.02)),
  mutation('the fifth digit of mae', ['metrics-recompute'], (dir) =>
    editText(dir, 'test_metrics.json', (text) => bump(text, /("mae": 0\.\d{4})(\d)/)),
  ),
  mutation('rmse that is not the root of mse', ['metrics-plausible'], metric('rmse', 0.2)),
  mutation('a correlation above 1', ['metrics-plausible'], metric('pearson', 1.2)),
  mutation(
    'mse and mae exchanged',
    ['metrics-recompute'],
    inMetrics((metrics) => {
      [metrics.mse, metrics.mae] = [metrics.mae, metrics.mse];
    }),
  ),
  mutation('NaN in the metrics', ['json-strict'], (dir) =>
    editText(dir, 'test_metrics.json', (text) => text.replace(/"mse": [\d.]+/, '"mse": NaN')),
  ),
  mutation('no metric left', ['metrics-recompute'], write('test_metrics.json', '{"note": "none"}')),
  mutation('another number of examples', ['row-counts', 'metrics-recompute'], metric('num_examples', 955)),
  mutation('metrics cut off', ['json-strict'], truncate('test_metrics.json', 0.5)),
  mutation('far better metrics on the training split', ['overfit-gap'], overfit),
  mutation('training_results.json of another run', ['training-results'], (dir) =>
    editJson(dir, 'training_results.json', (results) => {
      results.test_mse = 0.02;
    }),
  ),
];

const PREDICTIONS: readonly Mutation[] = [
  mutation(
    'a prediction dropped',
    ['row-counts'],
    inRows('test_predictions.csv', (rows) => rows.slice(0, -1)),
  ),
  mutation(
    'a prediction edited',
    ['predictions-match', 'predictions-metrics'],
    predict((before, row) => (row === 3 ? before / 2 : before)),
  ),
  mutation(
    'one prediction off by 0.002',
    ['predictions-match'],
    predict((before, row) => (row === 7 ? before - 0.002 : before)),
  ),
  mutation(
    'predictions in another order',
    ['predictions-match', 'predictions-metrics'],
    inRows('test_predictions.csv', (rows) => rows.toReversed()),
  ),
  mutation(
    'logits for predictions',
    ['predictions-match', 'predictions-metrics'],
    predict((p) => Math.log(p / (1 - p))),
  ),
  mutation(
    'the sigmoid applied twice',
    ['predictions-match', 'predictions-metrics'],
    predict((p) => 1 / (1 + Math.exp(-p))),
  ),
  mutation(
    'predictions turned round',
    ['scores-direction', 'predictions-match'],
    predict((p) => 1 - p),
  ),
  mutation(
    'one prediction for all',
    ['scores-vary', 'predictions-match'],
    predict(() => 0.5),
  ),
  mutation(
    'predictions rounded to one decimal',
    ['predictions-match'],
    predict((p) => Math.round(p * 10) / 10),
  ),
];

const DATA: readonly Mutation[] = [
  mutation(
    'a row of the test split dropped',
    ['row-counts'],
    inRows('test_set.csv', (rows) => rows.slice(0, -1)),
  ),
  mutation(
    'a row of the test split twice',
    ['row-counts', 'data-duplicates'],
    inRows('test_set.csv', (rows) => [...rows, rows[4] ?? '']),
  ),
  mutation(
    'two rows of the test split exchanged',
    ['predictions-match'],
    inRows('test_set.csv', (rows) => exchange(rows, 2, 9)),
  ),
  mutation(
    'two labels exchanged',
    ['predictions-match'],
    inRows('test_set.csv', (rows) => {
      const label = (row: string | undefined) => /[^,]*$/.exec(row ?? '')?.[0] ?? '';
      const [a, b] = [label(rows[2]), label(rows[9])];
      return rows.with(2, setLabel(rows[2] ?? '', b)).with(9, setLabel(rows[9] ?? '', a));
    }),
  ),
  mutation(
    'the labels turned round',
    ['metrics-recompute'],
    inRows('test_set.csv', (rows) =>
      rows.map((row) => row.replace(/[^,]*$/, (label) => (1 - Number(label)).toFixed(4))),
    ),
  ),
  mutation(
    'a label of 1.7',
    ['csv-schema'],
    inRows('test_set.csv', (rows) => rows.with(5, setLabel(rows[5] ?? '', '1.7'))),
  ),
  mutation(
    'a label that is no number',
    ['csv-schema'],
    inRows('eval_set.csv', (rows) => rows.with(5, setLabel(rows[5] ?? '', 'high'))),
  ),
  mutation(
    'a label that is missing',
    ['csv-schema'],
    inRows('train_set.csv', (rows) => rows.with(5, setLabel(rows[5] ?? '', ''))),
  ),
  mutation(
    'one label throughout a split',
    ['labels-vary'],
    inRows('eval_set.csv', (rows) => rows.map((row) => setLabel(row, '0.5'))),
  ),
  mutation('the label column renamed', ['csv-schema'], (dir) =>
    editText(dir, 'train_set.csv', (text) => text.replace('similarity_with_penalty', 'label')),
  ),
  mutation(
    'a row with a cell too many',
    ['csv-schema'],
    inRows('test_set.csv', (rows) => rows.with(3, `${rows[3]},extra`)),
  ),
  mutation('a split cut off inside a cell', ['csv-schema'], (dir) =>
    editText(dir, 'test_set.csv', (text) => text.slice(0, text.lastIndexOf(',"') + 8)),
  ),
  mutation('a test row in the training split', ['leak-exact'], leak('test_set.csv', 'train_set.csv')),
  mutation('an evaluation row in the training split', ['leak-exact'], leak('eval_set.csv', 'train_set.csv')),
  mutation(
    'a test row in the training split, in capitals',
    ['leak-normalised'],
    leak('test_set.csv', 'train_set.csv', (record) => record.toUpperCase()),
  ),
  mutation(
    'a test row in the training split, with a word more',
    ['leak-near'],
    leak('test_set.csv', 'train_set.csv', (record) => record.replace(/think: /, 'think: so ')),
  ),
  mutation('a group of rows in two splits', ['leak-groups'], shareGroup),
  mutation(
    'one text with two labels',
    ['label-conflicts'],
    inRows('train_set.csv', (rows) => [
      ...rows,
      setLabel(rows[5] ?? '', '0.02'),
      setLabel(rows[5] ?? '', '0.98'),
    ]),
  ),
  mutation(
    'text in the wrong encoding',
    ['data-texts'],
    inRows('eval_set.csv', (rows) => rows.map((row) => row.replace('the ', 'thÃ© '))),
  ),
  mutation(
    'a test split of high scores only',
    ['splits-alike'],
    both(inRows('eval_set.csv', (rows) => rows.filter((row) => Number(/[^,]*$/.exec(row)?.[0]) > 0.8))),
  ),
  mutation(
    'an address in the data',
    ['personal-data'],
    inRows('train_set.csv', (rows) =>
      rows.with(1, (rows[1] ?? '').replace(/think: /, 'think: jane.roe@firm-mail.de ')),
    ),
  ),
];

const inCard =
  (edit: (text: string) => string): Damage =>
  (dir) =>
    editText(dir, 'README.md', edit);
const append = (text: string) => inCard((card) => `${card}\n${text}\n`);

const CARD: readonly Mutation[] = [
  mutation(
    'a number in a table of the card',
    ['card-numbers'],
    inCard((text) => bump(text, /(\| \**MSE\**\s*\| 0\.\d\d)(\d)/)),
  ),
  mutation(
    'a number in the metadata of the card',
    ['card-numbers'],
    inCard((text) => bump(text, /(type: mae\s+value: 0\.\d\d)(\d)/)),
  ),
  mutation(
    'a card of an earlier run',
    ['card-numbers'],
    inCard((text) => text.replaceAll(/(\| (?:MSE|MAE|RMSE)\s*\| 0\.)\d/g, '$19')),
  ),
  mutation('the score of an example edited', ['card-examples'], showScore('0.1234')),
  mutation('the text of an example edited', ['card-examples'], showOtherText),
  mutation("a score edited in the card's table of examples", ['card-examples'], editTableScore),
  mutation("a true score edited in the card's table of examples", ['card-examples'], editTableLabel),
  mutation("a score edited that the card's code prints", ['card-examples'], editPrintedScore),
  mutation('the scores of the examples from another run', ['card-examples'], moveScore(-0.002)),
  mutation('no card', ['required-files'], (dir) => rmSync(join(dir, 'README.md'))),
  mutation(
    'a card without metadata',
    ['card-yaml'],
    inCard((card) => card.replace(/^---\n[\s\S]*?\n---\n/, '')),
  ),
  mutation(
    'an unknown licence',
    ['card-yaml'],
    inCard((card) => card.replace('license: apache-2.0', 'license: Apache 2')),
  ),
  mutation(
    'another licence',
    ['card-license'],
    inCard((card) => card.replace('license: apache-2.0', 'license: mit')),
  ),
  mutation(
    'a base model of another family',
    ['card-base-model'],
    both(
      inCard((card) => card.replace(/^---\n/, '---\nbase_model: FacebookAI/roberta-base\n')),
      (dir) =>
        editJson(dir, 'hubwright.json', (config) =>
          Object.assign(config, { baseModel: 'FacebookAI/roberta-base' }),
        ),
    ),
  ),
  mutation(
    'a snippet that loads another repository',
    ['card-snippets'],
    append('```python\nAutoModel.from_pretrained("someone/else")\n```'),
  ),
  mutation('a fence left open', ['card-snippets'], append('```python\nprint(1)')),
  mutation('a dead link', ['card-links'], append('[results](results.csv)')),
  mutation('a picture that is not there', ['card-links'], append('![plot](plot.png)')),
  mutation('a placeholder', ['card-placeholders'], append('[More Information Needed]')),
  mutation(
    'the metadata cut off',
    ['card-yaml'],
    inCard((card) => card.replace(/\n---\n/, '\n')),
  ),
  mutation('a picture of another run', ['plot-numbers'], (dir) =>
    editText(dir, 'modernbert_reward_model_predictions_scatter.svg', (text) =>
      bump(text, /(0\.\d)(\d)\d*(?=<\/text>)/),
    ),
  ),
];

const FILES: readonly Mutation[] = [
  mutation('the graph missing', ['required-files'], (dir) => rmSync(join(dir, 'model.onnx'))),
  mutation('the tokenizer missing', ['required-files'], (dir) => rmSync(join(dir, 'tokenizer.json'))),
  mutation('the code missing', ['required-files'], (dir) => rmSync(join(dir, 'modeling_reward.py'))),
  mutation('a checkpoint left over', ['stray-files'], (dir) => {
    mkdirSync(join(dir, 'checkpoint-500'));
    writeFileSync(join(dir, 'checkpoint-500/optimizer.pt'), 'x');
  }),
  mutation('a file of the Finder', ['stray-files'], write('.DS_Store', 'x')),
  mutation('two names that differ in case', ['file-names'], write('readme.md', '# x\n')),
  mutation(
    'a picture that is a page',
    ['file-types'],
    write('modernbert_reward_model_residuals.png', '<!DOCTYPE html><html></html>'),
  ),
  mutation(
    'a picture of which a byte was changed',
    ['file-types'],
    patch('modernbert_reward_model_residuals.png', (bytes) => bytes.writeUInt8(0, 1)),
  ),
  mutation('a BOM before the JSON', ['json-strict'], (dir) =>
    editText(dir, 'config.json', (text) => `\uFEFF${text}`),
  ),
  mutation('a key that comes twice', ['json-strict'], (dir) =>
    editText(dir, 'config.json', (text) => text.replace('{', '{"hidden_size": 64,')),
  ),
  mutation('JSON with a comment', ['json-strict'], (dir) =>
    editText(dir, 'tokenizer_config.json', (text) => text.replace('{', '{ // mine\n')),
  ),
];

const PRIVACY: readonly Mutation[] = [
  mutation('a token in the card', ['secrets'], append(`login(token="${TOKEN}")`)),
  mutation('a token in a log', ['secrets'], write('run.log', `HF_TOKEN=${TOKEN}\n`)),
  mutation(
    'a home folder in a file',
    ['personal-paths'],
    write('notes.txt', 'trained in /home/jdoe/runs/42\n'),
  ),
  mutation(
    'a program in training_args.bin',
    ['pickle-safety'],
    write('training_args.bin', Buffer.from(torchArchive(pickleCall('posix', 'system', 'id')))),
  ),
  mutation(
    'a network call in a pickle',
    ['pickle-safety'],
    write('data.pkl', pickleCall('urllib.request', 'urlopen', 'http://x')),
  ),
  mutation(
    'a token in training_args.bin',
    ['training-args-leaks'],
    write('training_args.bin', Buffer.from(torchArchive(pickleCall('collections', 'OrderedDict', TOKEN)))),
  ),
  mutation('training_args.bin cut off', ['pickle-safety'], truncate('training_args.bin', 0.5)),
];

export const EVIDENCE_MUTATIONS: readonly Mutation[] = [
  ...METRICS,
  ...PREDICTIONS,
  ...DATA,
  ...CARD,
  ...FILES,
  ...PRIVACY,
];
