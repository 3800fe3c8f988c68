import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'csv-stringify/sync';
import type { ConfigInput } from '../../src/config.ts';
import { formatJson } from '../../src/formats/json.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';

const FILES = fileURLToPath(new URL('../fixtures/first-user', import.meta.url));
const LABEL = 'similarity_with_penalty';
/** Of 7,633 rows, 75 % : 12.5 % : 12.5 %. */
const SPLITS = { 'train_set.csv': 5724, 'eval_set.csv': 954, 'test_set.csv': 955 };

/** What the first user would put into `hubwright.json`: facts that no file of the run holds, and words. */
const CONFIG: ConfigInput = {
  repo: 'daeilee/modernbert-cot-reward',
  name: 'modernbert_reward_model',
  title: 'ModernBERT Reward Model (CoT SQL/NL Alignment)',
  baseModel: 'answerdotai/ModernBERT-base',
  language: ['en'],
  input: { template: 'SQL: {{sql}}\nReasoning: {{reasoning}}\nNL: {{nl}}', label: LABEL, maxLength: 2048 },
  publish: { tag: 'v1.0.0' },
  card: {
    summary:
      'Scores how well a generated natural-language description (NL) and chain-of-thought reasoning align with a SQL query.',
    score:
      'The target comes from human preference data plus corruption heuristics. It is bounded by 0 and 1 and already penalizes copied NL and incorrect reasoning.',
    data: 'From `data/cot_dataset_with_corruptions.csv`. Rows with missing fields or a score outside [0, 1] were dropped, and those above 2,048 tokens. The split is random, with state 12.',
    training: 'AdamW on the MSE, scaled by 100, with early stopping after 5 evaluations without progress.',
  },
};

/**
 * The first user's run folder, as far as its README tells: row counts, metrics, arguments, settings. The weights are the
 * sample's, and so is the tokenizer.
 */
export function writeFirstUserRun(dir: string): void {
  cpSync(SAMPLE_RUN, dir, { recursive: true });
  const scores = readFileSync(join(FILES, 'scores.csv'), 'utf8').trim().split('\n').slice(1);
  const test = scores.map((line) => line.split(',') as [string, string]);
  for (const [file, rows] of Object.entries(SPLITS)) {
    const table = Array.from({ length: rows }, (_, i) => ({
      ...makeTexts(file, i),
      [LABEL]: file === 'test_set.csv' ? test[i]?.[0] : (((i * 37) % 101) / 100).toFixed(2),
    }));
    writeFileSync(join(dir, file), stringify(table, { header: true }));
  }
  writeFileSync(join(dir, 'test_predictions.csv'), stringify([[LABEL, 'prediction'], ...test]));
  const config = JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8'));
  writeFileSync(join(dir, 'config.json'), formatJson({ ...config, max_position_embeddings: 8192 }));
  writeFileSync(join(dir, 'hubwright.json'), formatJson(CONFIG));
  const measured = { test_mse: 0.0203, test_mae: 0.1129, test_rmse: 0.1425 };
  writeFileSync(join(dir, 'test_metrics.json'), formatJson(measured));
  const evaluated = { eval_mse: 0.0197, eval_mae: 0.1128, eval_rmse: 0.1402, epoch: 6 };
  writeFileSync(join(dir, 'training_results.json'), formatJson(evaluated));
  cpSync(join(FILES, 'training_args.bin'), join(dir, 'training_args.bin'));
}

function makeTexts(file: string, i: number) {
  const id = `${file.slice(0, 2)}${i}`;
  return {
    sql: `SELECT COUNT(*) FROM orders WHERE id = '${id}';`,
    reasoning: `think: Count rows in orders filtered by id '${id}'.`,
    nl: `How many orders have the id ${id}?`,
  };
}
