import { join } from 'node:path';
import { CONFIG_FILE, loadConfig } from '../../config.ts';
import { PREDICTIONS_FILE, readPredictions, readSplit, SPLIT_FILES } from '../../splits.ts';
import type { ReportRows } from './pack-rows.ts';

/**
 * The test split of a bundle with the predictions that it carries.
 *
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID or CONFIG, as the files are.
 */
export async function readReportRows(dir: string): Promise<ReportRows> {
  const config = await loadConfig(join(dir, CONFIG_FILE));
  const test = await readSplit(join(dir, SPLIT_FILES.test), config);
  const predictions = await readPredictions(join(dir, PREDICTIONS_FILE), test, config);
  return { labelName: config.input.label, labels: test.labels, predictions, texts: test.texts };
}
