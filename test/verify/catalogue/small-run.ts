import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config.ts';
import { measureRegression } from '../../../src/metrics/regression.ts';
import { readPredictions, readSplit } from '../../../src/splits.ts';
import { SAMPLE_RUN } from '../../fixtures/sample-run.ts';
import { editRecords } from '../cases/data.ts';

/** Each so-manieth row of the sample's splits: enough for every rule, and quick to run the model over. */
const STEP = 5;

/** A run folder with a part of the sample's rows, and the metrics of the predictions for them. */
export async function makeSmallRun(): Promise<{ readonly dir: string; dispose(): void }> {
  const dir = mkdtempSync(join(tmpdir(), 'hubwright-small-run-'));
  cpSync(SAMPLE_RUN, dir, { recursive: true });
  const thin = (records: string[]) => records.filter((_, i) => i === 0 || i % STEP === 1);
  for (const file of ['train_set.csv', 'eval_set.csv', 'test_set.csv', 'test_predictions.csv'])
    editRecords(dir, file, thin);
  const config = await loadConfig(join(dir, 'hubwright.json'));
  const test = await readSplit(join(dir, 'test_set.csv'), config);
  const predictions = await readPredictions(join(dir, 'test_predictions.csv'), test, config);
  const { mse, mae, rmse, r2, pearson, spearman, n } = measureRegression(test.labels, predictions);
  const metrics = { mse, mae, rmse, r2, pearson, spearman, num_examples: n };
  writeFileSync(join(dir, 'test_metrics.json'), JSON.stringify(metrics, null, 2));
  return { dir, dispose: () => rmSync(dir, { recursive: true, force: true }) };
}
