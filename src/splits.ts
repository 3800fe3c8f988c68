import { basename } from 'node:path';
import type { Config } from './config.ts';
import { HubwrightError } from './errors.ts';
import { type CsvTable, readCsv } from './formats/csv.ts';
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
  if (labels.length === 0)
    throw new HubwrightError('INPUT_INVALID', `${file} has a header and no rows`, {
      hint: 'write that split again, with its rows',
    });
  return { table, labels, texts: table.rows.map(({ cells }) => fillTemplate(config.input.template, cells)) };
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
  [least, most]: readonly [number, number],
  hints: Hints,
): Float64Array {
  if (!table.columns.includes(column)) {
    throw new HubwrightError(
      'INPUT_INVALID',
      `${file} has no column "${column}"; its columns: ${table.columns.join(', ')}`,
      { hint: hints.column },
    );
  }
  return Float64Array.from(table.rows, ({ row, line, cells }) => {
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
  });
}

/**
 * Reads the predictions that a bundle carries for its test split, checked against that split row by row.
 *
 * @param file the name by which the author knows them, for messages
 * @throws HubwrightError INPUT_MISSING, or INPUT_INVALID when rows are missing or labels differ.
 */
export async function readPredictions(
  path: string,
  test: Split,
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
