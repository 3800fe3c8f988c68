import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { editJson, editText } from '../bundle-fixture.ts';
import { type Damage, fails, type RuleCase, skips, warns } from './rule-case.ts';

/** Edits the records of a CSV, the header first. */
export function editRecords(dir: string, file: string, edit: (records: string[]) => string[]): void {
  const records: string[] = [];
  let open = '';
  for (const line of readFileSync(join(dir, file), 'utf8').trimEnd().split(/\r?\n/)) {
    open = open === '' ? line : `${open}\n${line}`;
    // An even number of quotes: no cell goes on in the next line.
    if (open.split('"').length % 2 === 0) continue;
    records.push(open);
    open = '';
  }
  writeFileSync(join(dir, file), `${edit(records).join('\n')}\n`);
}

/** Puts a row of a split into another one. */
export const leak =
  (from: string, to: string, change: (record: string) => string = (record) => record): Damage =>
  (dir) => {
    let taken = '';
    editRecords(dir, from, (records) => {
      taken = records[5] ?? '';
      return records;
    });
    editRecords(dir, to, (records) => [...records, change(taken)]);
  };
export const setLabel = (record: string, label: string) => record.replace(/[^,]*$/, label);

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
  fails(
    'labels-vary',
    'one label throughout',
    (dir) =>
      editRecords(dir, 'eval_set.csv', ([header = '', ...rows]) => [
        header,
        ...rows.map((row) => setLabel(row, '0.5')),
      ]),
    ['eval_set.csv: has the label 0.5 in all of its 340 rows'],
  ),
  fails('leak-exact', 'a test row in the training split', leak('test_set.csv', 'train_set.csv'), [
    'test_set.csv: 1 of 339 rows is in train_set.csv too, letter for letter: row 5 is row 2037 there',
  ]),
  skips(
    'leak-exact',
    'one split only',
    (dir) => {
      rmSync(join(dir, 'train_set.csv'));
      rmSync(join(dir, 'eval_set.csv'));
    },
    'there is one split only',
  ),
  fails(
    'leak-normalised',
    'a training row, in capitals, in the evaluation split',
    leak('train_set.csv', 'eval_set.csv', (record) => record.replace(/^[^,]*,/, (id) => id).toUpperCase()),
    [
      /eval_set\.csv: 1 of 341 rows is in train_set\.csv too, but for case, punctuation and spaces: row 341 is row 5 there/,
    ],
  ),
  warns(
    'leak-near',
    'a test row with a word more in the training split',
    leak('test_set.csv', 'train_set.csv', (record) => record.replace(/think: /, 'think: well ')),
    [/test_set\.csv: 1 of 339 rows is nearly the same as one in train_set\.csv: row 5 is row 2037 there/],
  ),
  warns(
    'data-duplicates',
    'a row twice',
    (dir) => editRecords(dir, 'test_set.csv', (records) => [...records, records[3] ?? '']),
    ['test_set.csv: 1 of 340 rows repeat an earlier one: row 340 is row 3'],
  ),
  warns(
    'label-conflicts',
    'a text with two labels',
    leak('train_set.csv', 'train_set.csv', (record) =>
      setLabel(record, Number(/[^,]*$/.exec(record)?.[0]) < 0.5 ? '1' : '0'),
    ),
    [/train_set\.csv: row 2037 has the label [01]; the same text in train_set\.csv, row 5, has 0?\.?\d+/],
  ),
  warns(
    'splits-alike',
    'only low labels in the test split',
    (dir) =>
      editRecords(dir, 'test_set.csv', ([header = '', ...rows]) => [
        header,
        ...rows.filter((row) => Number(/[^,]*$/.exec(row)?.[0]) < 0.5),
      ]),
    [
      /test_set\.csv: its labels are spread otherwise than those of train_set\.csv: distance 0\.\d\d, at most 0\.\d\d expected/,
    ],
  ),
  warns(
    'data-texts',
    'an empty row and a garbled one',
    (dir) =>
      editRecords(dir, 'train_set.csv', (records) => [
        ...records,
        'x1,,,,,0.5',
        'x2,SELECT Ã©t FROM a,think,Which?,,0.5',
      ]),
    [
      'train_set.csv: 1 of 2038 rows hold no letter and no digit, the first is row 2037',
      'train_set.csv: 1 of 2038 rows were read in a wrong encoding, the first is row 2038',
    ],
  ),
];
