import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CARD_FACTS_FILE, type CardFactsFile, readWrittenFacts } from '../../card/card-facts-file.ts';
import { DECIMALS } from '../../card/examples.ts';
import { formatFixed } from '../../card/number-text.ts';
import type { Config } from '../../config.ts';
import { rowTolerance } from '../../metrics/tolerance.ts';
import { type ScannedSplit, SPLIT_FILES } from '../../splits.ts';
import {
  type CardExample,
  type ExamplePlace,
  listPrintedExamples,
  listTableExamples,
  listWidgetExamples,
} from '../card-examples.ts';
import type { Measurement } from '../measurement.ts';
import type { Rule, RuleFinding } from '../rule.ts';

const CARD = 'README.md';

/** A score that a file states for a row of the test split, beside the one that inference gives. */
interface Statement {
  /** Counted from 0. */
  readonly row: number;
  readonly score: number;
  /** How far off a score may be that is stated so. */
  readonly precision: number;
  readonly line?: number | undefined;
  readonly given: number;
}

/** Whoever tries the model tries what the card shows first, and compares. */
export const cardExamples: Rule = {
  code: 'card-examples',
  title: 'the example rows of the card have the scores that it shows',
  group: 'inference',
  severity: 'error',
  explanation:
    "Each example in `card_facts.json` is a row of the test split, and its score is what inference gives for that row: within 0.0001 (a warning beyond it, an error beyond 0.001; wider for reduced precision), as in `predictions-match`. The examples in the card's `widget`, which the Hub shows, and in its table have the text of such a row, and its score; the table also the true score, and both to the digits that it prints; the scores that the card's code says it prints are those of the table's rows. With `--sample` only the scores of rows in the sample are compared.",
  fix: 'if these weights and rows are the right ones, measure the examples and write the card again: hubwright assemble <run-dir>',
  cheap: false,
  needs: ['json-strict', 'safetensors-header', 'csv-schema', 'row-counts', 'onnx-data', 'onnx-operators'],
  haltedBy: ['tensors-config'],
  async check({ dir, card, config, measurement, tolerance }) {
    const recorded = (await readWrittenFacts(dir))?.examples ?? [];
    const text = await card();
    const own = await config();
    const widget = listWidgetExamples(text);
    const tables = hasOwn(own, 'score') ? [] : [await listTableExamples(text)];
    const printed = hasOwn(own, 'quickstart', 'expected')
      ? []
      : tables.map((table) => listPrintedExamples(text, table));
    const places = [widget, ...tables, ...printed];
    // The texts of the code are not read: it prints scores of the table's rows.
    const shown = [widget, ...tables].flatMap(({ examples }) => examples);
    if (recorded.length === 0 && shown.length === 0)
      return { notApplicable: `neither ${CARD_FACTS_FILE} nor the card has an example` };
    const measured = await measurement();
    const { test } = measured;
    const rowsOf = await findRows(test, places);
    const misplaced = [
      ...listMissing(recorded, test.labels.length),
      ...shown.flatMap((example) => {
        const rows = rowsOf.get(example) ?? [];
        return [...judgeText(example, rows, recorded), ...judgeLabel(example, rows, test.labels)];
      }),
    ];
    const stated = [
      { path: CARD_FACTS_FILE, all: listRecorded(measured, recorded) },
      ...places.map((place) => ({ path: CARD, all: listShown(measured, place, rowsOf) })),
    ];
    const all = stated.flatMap((one) => one.all);
    if (all.length === 0)
      return misplaced.length > 0 ? { findings: misplaced } : { skipped: 'no example is in the sample' };
    const limits = rowTolerance(await tolerance());
    // YAML has words for what is no number.
    const largest = Math.max(...all.map(differ));
    return {
      findings: [...misplaced, ...stated.flatMap((one) => judgeScores(one.path, one.all, limits))],
      margin: Number.isFinite(largest)
        ? { what: 'the largest difference of an example', actual: largest, limit: limits.warn }
        : undefined,
    };
  },
};

/** Whether one of these templates is the author's own: what it writes has a form of its own. */
function hasOwn({ card: { templates } }: Config, ...names: readonly string[]): boolean {
  return templates !== undefined && names.some((name) => existsSync(join(templates, `${name}.hbs`)));
}

type Recorded = CardFactsFile['examples'];

type RowsOf = ReadonlyMap<CardExample, readonly number[]>;

/** The rows of each example's text; one that stands in several rows is that of each. */
async function findRows(test: ScannedSplit, places: readonly ExamplePlace[]): Promise<RowsOf> {
  const found = new Map<CardExample, number[]>(
    places.flatMap(({ examples }) => examples.map((example) => [example, []])),
  );
  let row = 0;
  await test.readTexts((text) => {
    for (const { examples, showText } of places) {
      if (examples.length === 0) continue;
      const reads = showText(text);
      for (const example of examples) if (example.text === reads) found.get(example)?.push(row);
    }
    row += 1;
  });
  return found;
}

function listMissing(recorded: Recorded, count: number): RuleFinding[] {
  return recorded
    .filter(({ row }) => row >= count)
    .map(({ row }) => ({
      path: CARD_FACTS_FILE,
      message: `has row ${row + 1} for an example; ${SPLIT_FILES.test} has ${count} rows`,
    }));
}

/** Facts that were measured before the rows changed are not what the card is made from: that alone is no error. */
function judgeText(
  { name, place, line }: CardExample,
  rows: readonly number[],
  recorded: Recorded,
): RuleFinding[] {
  const [first] = rows;
  if (first === undefined)
    return [{ ...at(CARD, line), message: `the text of ${name} is in no row of ${SPLIT_FILES.test}` }];
  const row = place === undefined ? undefined : recorded[place]?.row;
  if (row === undefined || rows.includes(row)) return [];
  const message = `${name} is row ${first + 1} of ${SPLIT_FILES.test}; ${CARD_FACTS_FILE} says row ${row + 1}`;
  return [{ path: CARD, severity: 'warning', message }];
}

/** Against the digits that the card prints. */
function judgeLabel(
  { name, line, label }: CardExample,
  rows: readonly number[],
  labels: Float64Array,
): RuleFinding[] {
  if (label === undefined || rows.length === 0) return [];
  const printed = rows.map((row) => formatFixed(labels[row] ?? Number.NaN, DECIMALS));
  if (printed.some((text) => Number(text) === label)) return [];
  const message = `${name} has the true score ${label}; ${SPLIT_FILES.test} says ${printed[0]}`;
  return [{ ...at(CARD, line), message }];
}

function at(path: string, line: number | undefined): Pick<RuleFinding, 'path' | 'line'> {
  return { path, ...(line === undefined ? {} : { line }) };
}

function listRecorded(measured: Measurement, recorded: Recorded): Statement[] {
  return recorded.flatMap(({ row, score }) => stateOf(measured, row, { score, precision: 0 }));
}

/** Of the rows that read so, the one that the score fits best: a cell may leave out what tells two texts apart. */
function listShown(
  measured: Measurement,
  { examples, precision }: ExamplePlace,
  rowsOf: RowsOf,
): Statement[] {
  return examples.flatMap((example) => {
    const { score, line } = example;
    if (score === undefined) return [];
    const rows = rowsOf.get(example) ?? [];
    const possible = rows.flatMap((row) => stateOf(measured, row, { score, precision, line }));
    return possible.toSorted((a, b) => differ(a) - differ(b)).slice(0, 1);
  });
}

/** Nothing for a row that was not run. */
function stateOf(
  { scores, rows }: Measurement,
  row: number,
  said: Pick<Statement, 'score' | 'precision' | 'line'>,
): Statement[] {
  const given = scores[rows === undefined ? row : rows.indexOf(row)];
  return given === undefined ? [] : [{ row, given, ...said }];
}

function differ({ score, given, precision }: Statement): number {
  return Math.max(0, Math.abs(score - given) - precision);
}

function judgeScores(
  path: string,
  stated: readonly Statement[],
  { warn, fail }: ReturnType<typeof rowTolerance>,
): RuleFinding[] {
  const [worst, ...others] = stated
    .filter((one) => !(differ(one) <= warn))
    .toSorted((a, b) => differ(b) - differ(a));
  if (worst === undefined) return [];
  const { row, score, given, line } = worst;
  return [
    {
      ...at(path, line),
      severity: differ(worst) <= fail ? 'warning' : 'error',
      message: `${others.length + 1} of ${stated.length} examples differ by more than ${warn}; most, row ${row + 1}: ${score}, inference gives ${given}`,
    },
  ];
}
