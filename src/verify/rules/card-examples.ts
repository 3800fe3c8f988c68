import { CARD_FACTS_FILE, type CardFactsFile, readWrittenFacts } from '../../card/card-facts-file.ts';
import { rowTolerance } from '../../metrics/tolerance.ts';
import { type ScannedSplit, SPLIT_FILES } from '../../splits.ts';
import { type CardExample, listCardExamples } from '../card-examples.ts';
import type { Measurement } from '../measurement.ts';
import type { Rule, RuleFinding } from '../rule.ts';

const CARD = 'README.md';

/** A score that a file states for a row of the test split, beside the one that inference gives. */
interface Statement {
  readonly path: string;
  /** Counted from 0. */
  readonly row: number;
  readonly score: number;
  readonly given: number;
}

/** Whoever tries the model tries what the card shows first, and compares. */
export const cardExamples: Rule = {
  code: 'card-examples',
  title: 'the example rows of the card have the scores that it shows',
  group: 'inference',
  severity: 'error',
  explanation:
    "Each example in `card_facts.json` is a row of the test split, and its score is what inference gives for that row: within 0.0001 (a warning beyond it, an error beyond 0.001; wider for reduced precision), as in `predictions-match`. The examples in the card's `widget`, which the Hub shows, have the text of such a row, and its score. With `--sample` only the scores of rows in the sample are compared.",
  fix: 'if these weights and rows are the right ones, measure the examples and write the card again: hubwright assemble <run-dir>',
  cheap: false,
  needs: ['json-strict', 'safetensors-header', 'csv-schema', 'row-counts', 'onnx-data', 'onnx-operators'],
  haltedBy: ['tensors-config'],
  async check({ dir, card, measurement, tolerance }) {
    const recorded = (await readWrittenFacts(dir))?.examples ?? [];
    const shown = listCardExamples(await card());
    if (recorded.length === 0 && shown.length === 0)
      return { notApplicable: `neither ${CARD_FACTS_FILE} nor the card has an example` };
    const measured = await measurement();
    const rowsOf = await findRows(measured.test, shown);
    const misplaced = [
      ...listMissing(recorded, measured.test.labels.length),
      ...shown.flatMap((example) => judgeText(example, rowsOf.get(example.text), recorded)),
    ];
    const stated = listStatements(measured, [
      ...recorded.map((example) => ({ path: CARD_FACTS_FILE, ...example })),
      ...shown.flatMap(({ text, score }) => {
        const row = rowsOf.get(text)?.find((one) => givenScore(measured, one) !== undefined);
        return row === undefined || score === undefined ? [] : [{ path: CARD, row, score }];
      }),
    ]);
    if (stated.length === 0)
      return misplaced.length > 0 ? { findings: misplaced } : { skipped: 'no example is in the sample' };
    const limits = rowTolerance(await tolerance());
    // YAML has words for what is no number.
    const largest = Math.max(...stated.map(differ));
    return {
      findings: [
        ...misplaced,
        ...[CARD_FACTS_FILE, CARD].flatMap((path) =>
          judgeScores(
            path,
            stated.filter((one) => one.path === path),
            limits,
          ),
        ),
      ],
      margin: Number.isFinite(largest)
        ? { what: 'the largest difference of an example', actual: largest, limit: limits.warn }
        : undefined,
    };
  },
};

type Recorded = CardFactsFile['examples'];

/** Rows by the text of an example; a text that stands in several rows is that of each. */
async function findRows(
  test: ScannedSplit,
  shown: readonly CardExample[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, number[]>(shown.map(({ text }) => [text, []]));
  let row = 0;
  await test.readTexts((text) => {
    found.get(text)?.push(row);
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
  { title, place }: CardExample,
  rows: readonly number[] = [],
  recorded: Recorded,
): RuleFinding[] {
  if (rows.length === 0)
    return [
      { path: CARD, message: `the text of the example "${title}" is in no row of ${SPLIT_FILES.test}` },
    ];
  const row = recorded[place]?.row;
  if (row === undefined || rows.includes(row)) return [];
  const message = `the example "${title}" is row ${(rows[0] ?? 0) + 1} of ${SPLIT_FILES.test}; ${CARD_FACTS_FILE} says row ${row + 1}`;
  return [{ path: CARD, severity: 'warning', message }];
}

/** Of the rows that were run. */
function listStatements(
  measured: Measurement,
  stated: readonly Omit<Statement, 'given'>[],
): readonly Statement[] {
  return stated.flatMap((one) => {
    const given = givenScore(measured, one.row);
    return given === undefined ? [] : [{ ...one, given }];
  });
}

function givenScore({ scores, rows }: Measurement, row: number): number | undefined {
  return scores[rows === undefined ? row : rows.indexOf(row)];
}

function differ({ score, given }: Statement): number {
  return Math.abs(score - given);
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
  return [
    {
      path,
      severity: differ(worst) <= fail ? 'warning' : 'error',
      message: `${others.length + 1} of ${stated.length} examples differ by more than ${warn}; most, row ${worst.row + 1}: ${worst.score}, inference gives ${worst.given}`,
    },
  ];
}
