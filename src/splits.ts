import { basename } from 'node:path';
import type { Config } from './config.ts';
import { HubwrightError } from './errors.ts';
import { type CsvRow, type CsvTable, readCsv, scanCsv } from './formats/csv.ts';
import { checkTemplateColumns, fillTemplate } from './inference/template.ts';

export const SPLIT_FILES = { train: 'train_set.csv', eval: 'eval_set.csv', test: 'test_set.csv' } as const;
export const PREDICTIONS_FILE = 'test_predictions.csv';
export const PREDICTION_COLUMN = 'prediction';

/** A label that went through float32 comes back changed in its eighth digit. */
const FLOAT32_NOISE = 1e-6;

/** One CSV split: the model's input texts and the true scores, row by row. */
export interface Split {
  readonly table: CsvTable;
  readonly texts: readonly string[];
  readonly labels: Float64Array;
}

/** A split of which only the numbers are kept; its texts are read again, one by one, whenever they are asked for. */
export interface ScannedSplit {
  readonly labels: Float64Array;
  readonly readTexts: (take: (text: string) => void) => Promise<void>;
}

/** A sigmoid can reach no score outside [0, 1], so no label may lie there either. */
export function labelRange(config: Config): readonly [number, number] {
  return config.head.activation === 'sigmoid' ? [0, 1] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

/**
 * Reads a split and checks its columns and every label.
 *
 * @throws HubwrightError INPUT_MISSING, or INPUT_INVALID naming file, row, line and column.
 */
export async function readSplit(path: string, config: Config): Promise<Split> {
  const file = basename(path);
  const table = await readCsv(path);
  checkTemplateColumns(config.input.template, table, file);
  const labels = readNumbers(table, config.input.label, file, labelRange(config), LABEL_HINTS);
  checkNotEmpty(labels, file);
  return { table, labels, texts: table.rows.map(({ cells }) => fillTemplate(config.input.template, cells)) };
}

/**
 * Checks a split as `readSplit` does, in memory that grows by eight bytes a row.
 *
 * @throws HubwrightError INPUT_MISSING, or INPUT_INVALID naming file, row, line and column.
 */
export async function scanSplit(path: string, config: Config): Promise<ScannedSplit> {
  const file = basename(path);
  const { template, label } = config.input;
  const range = labelRange(config);
  const labels: number[] = [];
  await scanCsv(path, {
    onHeader: (columns) => {
      checkTemplateColumns(template, { columns }, file);
      checkColumn(columns, label, file, LABEL_HINTS);
    },
    onRow: (row) => labels.push(readNumber(row, label, file, range, LABEL_HINTS)),
  });
  checkNotEmpty(labels, file);
  return {
    labels: Float64Array.from(labels),
    readTexts: (take) => scanCsv(path, { onRow: ({ cells }) => take(fillTemplate(template, cells)) }),
  };
}

function checkNotEmpty(labels: ArrayLike<number>, file: string): void {
  if (labels.length > 0) return;
  throw new HubwrightError('INPUT_INVALID', `${file} has a header and no rows`, {
    hint: 'write that split again, with its rows',
  });
}

/** What to do about a column that is missing, a cell that is no number, and a number out of range. */
interface Hints {
  readonly column: string;
  readonly cell: string;
  readonly range: string;
}

const LABEL_HINTS: Hints = {
  column: 'set input.label in hubwright.json to the column of the true scores',
  cell: 'drop or mend that row, as training did',
  range: 'drop or mend that row, or set head.activation to "identity" if the score has no bounds',
};
const REWRITE = 'write the predictions again, one row a test row, in the same order';
const PREDICTION_HINTS: Hints = { column: REWRITE, cell: REWRITE, range: REWRITE };

/** One numeric column of a table, as float64; throws for the first cell that is no number or out of range. */
function readNumbers(
  table: CsvTable,
  column: string,
  file: string,
  range: readonly [number, number],
  hints: Hints,
): Float64Array {
  checkColumn(table.columns, column, file, hints);
  return Float64Array.from(table.rows, (row) => readNumber(row, column, file, range, hints));
}

function checkColumn(columns: readonly string[], column: string, file: string, hints: Hints): void {
  if (columns.includes(column)) return;
  throw new HubwrightError(
    'INPUT_INVALID',
    `${file} has no column "${column}"; its columns: ${columns.join(', ')}`,
    { hint: hints.column },
  );
}

function readNumber(
  { row, line, cells }: CsvRow,
  column: string,
  file: string,
  [least, most]: readonly [number, number],
  hints: Hints,
): number {
  const text = (cells[column] ?? '').trim();
  const value = text === '' ? Number.NaN : Number(text);
  const at = `${file}, row ${row} (line ${line}): ${column}`;
  if (!Number.isFinite(value)) {
    throw new HubwrightError('INPUT_INVALID', `${at} is ${JSON.stringify(text)}; a number was expected`, {
      hint: hints.cell,
    });
  }
  if (value < least || value > most) {
    throw new HubwrightError(
      'INPUT_INVALID',
      `${at} is ${text}; expected a number from ${least} to ${most}`,
      { hint: hints.range },
    );
  }
  return value;
}

/**
 * Reads the predictions that a bundle carries for its test split, checked against that split row by row.
 *
 * @param file the name by which the author knows them, for messages
 * @throws HubwrightError INPUT_MISSING, or INPUT_INVALID when rows are missing or labels differ.
 */
export async function readPredictions(
  path: string,
  test: Pick<Split, 'labels'>,
  config: Config,
  file = basename(path),
): Promise<Float64Array> {
  const table = await readCsv(path);
  const range = labelRange(config);
  const labels = readNumbers(table, config.input.label, file, range, PREDICTION_HINTS);
  if (labels.length !== test.labels.length) {
    throw new HubwrightError(
      'INPUT_INVALID',
      `${file} has ${labels.length} rows, the test split ${test.labels.length}`,
      { hint: REWRITE },
    );
  }
  for (const [i, label] of labels.entries()) {
    if (Math.abs(label - (test.labels[i] ?? Number.NaN)) > FLOAT32_NOISE) {
      throw new HubwrightError(
        'INPUT_INVALID',
        `${file}, row ${i + 1}: ${config.input.label} is ${label}, the test split says ${test.labels[i]}`,
        { hint: REWRITE },
      );
    }
  }
  return readNumbers(table, PREDICTION_COLUMN, file, range, PREDICTION_HINTS);
}
