import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { Config } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { ONNX_FILE } from '../export/index.ts';
import { placeCache } from '../export/model-digest.ts';
import { type CsvTable, readCsv } from '../formats/csv.ts';
import { scoreTexts } from '../inference/index.ts';
import { PREDICTION_COLUMN, PREDICTIONS_FILE, readPredictions, readSplit, SPLIT_FILES } from '../splits.ts';
import type { AssembleOptions } from './index.ts';
import type { RunFolder } from './run-folder.ts';

/** What scripts call the column of predictions. */
const ALIASES =
  /^(predictions?|predicted(_score)?s?|preds?|y_pred|pred(icted)?_?scores?|scores?|model_score)$/i;

/**
 * Writes `test_predictions.csv`: one row a test row, true label and prediction. The run's own predictions are kept
 * digit for digit; a run without any is scored with the bundle's ONNX model. Returns whether it was.
 *
 * @throws HubwrightError INPUT_INVALID when the run's predictions are not those of its test split.
 */
export async function writePredictions(
  dir: string,
  run: RunFolder,
  config: Config,
  options: Pick<AssembleOptions, 'onProgress' | 'signal' | 'cacheDir'>,
): Promise<boolean> {
  const test = await readSplit(join(dir, SPLIT_FILES.test), config);
  const target = join(dir, PREDICTIONS_FILE);
  const label = config.input.label;
  const cells = (i: number) => test.table.rows[i]?.cells[label] ?? '';
  if (run.predictions === undefined) {
    const { scores } = await scoreTexts(dir, test.texts, {
      maxLength: config.input.maxLength,
      activation: config.head.activation,
      onAdvance: (progress) =>
        options.onProgress?.({ kind: 'advance', stage: 'assemble', unit: 'rows scored', ...progress }),
      signal: options.signal,
      cache: await placeCache(options.cacheDir, dir, ONNX_FILE),
    });
    await writeFile(
      target,
      formatCsv(
        label,
        [...scores].map((score, i) => [cells(i), String(score)]),
      ),
    );
    return true;
  }
  const table = await readCsv(join(run.dir, run.predictions));
  const column = findPredictionColumn(table, run.predictions, label);
  const labels = table.columns.includes(label);
  await writeFile(
    target,
    formatCsv(
      label,
      table.rows.map((row, i) => [(labels ? row.cells[label] : cells(i)) ?? '', row.cells[column] ?? '']),
    ),
  );
  await readPredictions(target, test, config, run.predictions);
  return false;
}

function formatCsv(label: string, rows: readonly (readonly [string, string])[]): string {
  return stringify([[label, PREDICTION_COLUMN], ...rows]);
}

/** The column of a run's predictions. @throws HubwrightError INPUT_INVALID when none clearly is. */
export function findPredictionColumn(table: CsvTable, file: string, label: string): string {
  if (table.columns.includes(PREDICTION_COLUMN)) return PREDICTION_COLUMN;
  const candidates = table.columns.filter((column) => column !== label && ALIASES.test(column));
  const [only] = candidates;
  if (candidates.length === 1 && only !== undefined) return only;
  throw new HubwrightError(
    'INPUT_INVALID',
    `${file} has no column that is clearly the predictions; its columns: ${table.columns.join(', ')}`,
    { hint: `name that column "${PREDICTION_COLUMN}"` },
  );
}
