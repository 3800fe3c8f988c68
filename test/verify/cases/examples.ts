import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { editJson, editText } from '../bundle-fixture.ts';
import { type Damage, fails, passes, type RuleCase, skips, warns } from './rule-case.ts';

export interface RecordedExample {
  row: number;
  score: number;
}

/** Changes the examples of `card_facts.json`: high, middle, low. */
export const inExamples =
  (edit: (examples: RecordedExample[]) => RecordedExample[]): Damage =>
  (dir) =>
    editJson(dir, 'card_facts.json', (facts) => {
      facts.examples = edit(facts.examples as RecordedExample[]);
    });
/** Moves the score of the first of them. */
export const moveScore = (by: number): Damage =>
  inExamples(([first, ...others]) => [{ row: first?.row ?? 0, score: (first?.score ?? 0) + by }, ...others]);

const inCard =
  (edit: (text: string) => string): Damage =>
  (dir) =>
    editText(dir, 'README.md', edit);
/** Writes another score beside the first example of the card's widget. */
export const showScore = (score: string): Damage =>
  inCard((card) => card.replace(/(score: )[\d.]+/, `$1${score}`));
/** A word more in the first example. */
export const showOtherText: Damage = inCard((card) => card.replace(/(- text: [^\n]*\n\s+)/, '$1so '));

/** Edits the first row of the card's table of examples: its text, true and predicted score. */
const inTable = (edit: (text: string, label: string, score: string) => readonly string[]): Damage =>
  inCard((card) =>
    card.replace(
      /(\| Input \| True \| Predicted \|\n.*\n)\| (.*) \| (\S+) \| (\S+) \|/,
      (_, head: string, text: string, label: string, score: string) =>
        `${head}| ${edit(text, label, score).join(' | ')} |`,
    ),
  );
const changeDigit = (number: string, at: number) =>
  `${number.slice(0, at)}${(Number(number[at]) + 5) % 10}${number.slice(at + 1)}`;
/** Changes the tenths of the first predicted score there. */
export const editTableScore: Damage = inTable((text, label, score) => [text, label, changeDigit(score, 2)]);
/** Changes the last digit of the first true score there. */
export const editTableLabel: Damage = inTable((text, label, score) => [text, changeDigit(label, 4), score]);
/** Changes the tenths of the score that the first code of the card says it prints. */
export const editPrintedScore: Damage = inCard((card) =>
  card.replace(/(# )(\d\.\d{3})$/m, (_, mark: string, score: string) => `${mark}${changeDigit(score, 2)}`),
);
/** Another first score, in a table from the author's own template, as assemble leaves one in a bundle. */
const editOwnTable: Damage = async (dir) => {
  await editTableScore(dir);
  mkdirSync(join(dir, 'card_templates'));
  writeFileSync(join(dir, 'card_templates/score.hbs'), 'mine');
  await editJson(dir, 'hubwright.json', (config) => {
    config.card = { templates: 'card_templates' };
  });
};

export const EXAMPLE_CASES: readonly RuleCase[] = [
  fails('card-examples', 'a recorded score of other weights', moveScore(-0.002), [
    /^card_facts\.json: 1 of 3 examples differ by more than 0\.0001; most, row \d+: 0\.\d+, inference gives 0\.\d+$/,
  ]),
  warns('card-examples', 'a recorded score that is a little off', moveScore(-0.0005), [
    /^card_facts\.json: 1 of 3 examples differ by more than 0\.0001/,
  ]),
  fails('card-examples', 'another score in the card', showScore('0.1234'), [
    /^README\.md: 1 of 3 examples differ by more than 0\.0001; most, row \d+: 0\.1234, inference gives 0\.\d+$/,
  ]),
  fails('card-examples', 'no number for a score in the card', showScore('.nan'), [
    /^README\.md: 1 of 3 examples differ by more than 0\.0001; most, row \d+: NaN, inference gives 0\.\d+$/,
  ]),
  fails('card-examples', "another score in the card's table", editTableScore, [
    /^README\.md: line \d+ 1 of 3 examples differ by more than 0\.0001; most, row \d+: 0\.\d{1,3}, inference gives 0\.\d+$/,
  ]),
  warns(
    'card-examples',
    "a last digit in the card's table",
    inTable((text, label, score) => [text, label, (Number(score) + 0.001).toFixed(3)]),
    [/^README\.md: line \d+ 1 of 3 examples differ by more than 0\.0001/],
  ),
  fails(
    'card-examples',
    "no number in the card's table",
    inTable((text, label) => [text, label, '']),
    [/^README\.md: line \d+ 1 of 3 examples differ by more than 0\.0001; most, row \d+: NaN/],
  ),
  fails('card-examples', "another true score in the card's table", editTableLabel, [
    /^README\.md: line \d+ example 1 of the table has the true score 0\.\d+; test_set\.csv says 0\.\d{3}$/,
  ]),
  fails('card-examples', "another score in the card's code", editPrintedScore, [
    /^README\.md: line \d+ 1 of 8 examples differ by more than 0\.0001; most, row \d+: 0\.\d{1,3}, inference gives 0\.\d+$/,
  ]),
  fails(
    'card-examples',
    "a text in the card's table that is no row",
    inTable((text, ...scores) => [`so ${text}`, ...scores]),
    [/^README\.md: line \d+ the text of example 1 of the table is in no row of test_set\.csv$/],
  ),
  passes('card-examples', "a table of the author's own template", editOwnTable),
  passes(
    'card-examples',
    "a table of the author's own",
    inCard((card) => `${card}\n| Input | True | Predicted |\n|---|--:|--:|\n| mine | 1 | 0.5 |\n`),
  ),
  passes(
    'card-examples',
    'a table that was aligned by hand',
    inTable((text, label, score) => [`${text}   `, `   ${label}`, score]),
  ),
  fails('card-examples', 'a text that is no row', showOtherText, [
    'README.md: the text of the example "High score" is in no row of test_set.csv',
  ]),
  fails(
    'card-examples',
    'a row that is not there',
    inExamples(([high, middle, low]) => [high!, middle!, { ...low!, row: 339 }]),
    [
      'card_facts.json: has row 340 for an example; test_set.csv has 339 rows',
      /^README\.md: the example "Low score" is row \d+ of test_set\.csv; card_facts\.json says row 340$/,
    ],
  ),
  warns(
    'card-examples',
    'other rows in the card than those recorded',
    inExamples(([high, middle, low]) => [middle!, high!, low!]),
    [/^README\.md: the example "High score" is row \d+ of/, /^README\.md: the example "Middle score" is row/],
  ),
  fails(
    'card-examples',
    'facts of another shape',
    inExamples(() => [{ row: -1, score: 0.5 }]),
    [/^card_facts\.json: card_facts\.json: /],
  ),
  passes(
    'card-examples',
    'Windows line ends',
    inCard((card) => card.replaceAll('\n', '\r\n')),
  ),
  passes(
    'card-examples',
    "an example of the author's own",
    inCard((card) => card.replace('widget:\n', 'widget:\n  - text: mine\n    example_title: Mine\n')),
  ),
  passes('card-examples', 'no facts: the card alone', (dir) => rmSync(join(dir, 'card_facts.json'))),
  skips(
    'card-examples',
    'no example',
    async (dir) => {
      await inExamples(() => [])(dir);
      await inCard((card) =>
        card.replace('widget:\n', 'my_widget:\n').replace('| Input | True |', '| Input | Label |'),
      )(dir);
    },
    'neither card_facts.json nor the card has an example',
  ),
];
