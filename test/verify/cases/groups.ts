import { editJson, editTensor } from '../bundle-fixture.ts';
import { editRecords } from './data.ts';
import { type Damage, passes, type RuleCase, skips, warns } from './rule-case.ts';

/** Gives every row of the three splits an id in a new column. */
export const addGroups =
  (column: string, id: (row: number, file: string) => string): Damage =>
  (dir) => {
    for (const file of ['train_set.csv', 'eval_set.csv', 'test_set.csv'])
      editRecords(dir, file, ([header = '', ...rows]) => [
        `${column},${header}`,
        ...rows.map((record, row) => `${id(row, file)},${record}`),
      ]);
  };
/** Two rows a group; each split has groups of its own, but for the first of the test split. */
export const shareGroup = addGroups('question_id', (row, file) =>
  file === 'test_set.csv' && row === 0 ? 'train_set.csv-3' : `${file}-${row >> 1}`,
);

const setResults =
  (more: Record<string, number>): Damage =>
  (dir) =>
    editJson(dir, 'training_results.json', (results) => {
      Object.assign(results, more);
    });
/** As after a run that learned its rows by heart. */
export const overfit = setResults({ train_mse: 0.0001, train_pearson: 0.999 });

const MATRICES = ['attn.Wqkv', 'attn.Wo', 'mlp.Wi', 'mlp.Wo'];
/** Writes the matrices of layer 2 over those of layer 3. */
const copyMatrices =
  (names: readonly string[]): Damage =>
  async (dir) => {
    for (const name of names) {
      let values = new Float32Array();
      await editTensor(dir, `encoder.layers.2.${name}.weight`, (from) => {
        values = from.slice();
      });
      await editTensor(dir, `encoder.layers.3.${name}.weight`, (to) => to.set(values));
    }
  };
export const copyLayer = copyMatrices(MATRICES);

export const GROUP_CASES: readonly RuleCase[] = [
  passes(
    'leak-groups',
    'groups of one split each',
    addGroups('question_id', (row, file) => `${file}-${row >> 1}`),
  ),
  warns('leak-groups', 'a group in two splits', shareGroup, [
    /^test_set\.csv: 1 of its \d+ values of question_id stand in train_set\.csv too: "train_set\.csv-3"$/,
  ]),
  skips(
    'leak-groups',
    'rows numbered anew in each split',
    addGroups('question_id', (row) => `${row}`),
    'no column says',
  ),
  skips(
    'leak-groups',
    'a column of another name',
    addGroups('db_id', (row) => `${row >> 1}`),
    'no column says',
  ),
  skips('leak-groups', 'no such column', () => {}, 'no column says which rows belong together'),
  passes('overfit-gap', 'as good on both', setResults({ train_mse: 0.0105, train_pearson: 0.87 })),
  warns('overfit-gap', 'far better on the training split', overfit, [
    /^training_results\.json: train_mse is 0\.0001; on the test split mse is 0\.0\d+$/,
  ]),
  skips('overfit-gap', 'no metric of the training split', () => {}, 'holds no metric of the training split'),
  passes('layers-differ', 'one matrix of a layer is that of another', copyMatrices(['attn.Wo'])),
  warns('layers-differ', 'a layer written over another', copyLayer, [
    'model.safetensors: encoder.layers.3 holds the very matrices of encoder.layers.2',
  ]),
];
