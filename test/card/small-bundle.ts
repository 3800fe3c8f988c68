import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { CARD_FACTS_FILE, type CardFactsFile, digestSources } from '../../src/card/card-facts-file.ts';
import { listFiles } from '../../src/card/file-list.ts';
import { renderCard } from '../../src/card/index.ts';
import { type ConfigInput, loadConfig } from '../../src/config.ts';
import { formatJson } from '../../src/formats/json.ts';
import { writeSafetensors } from '../fixtures/safetensors-writer.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

const LABEL = 'similarity_with_penalty';

export type Row = Readonly<Record<string, string>>;

const CONFIG: ConfigInput = {
  repo: 'daeilee/modernbert-cot-reward',
  name: 'modernbert_reward_model',
  title: 'ModernBERT Reward Model (CoT SQL/NL Alignment)',
  baseModel: 'answerdotai/ModernBERT-base',
  license: 'apache-2.0',
  language: ['en'],
  tags: ['reward-model', 'text-to-sql'],
  input: {
    template: 'SQL: {{sql}}\nReasoning: {{reasoning}}\nNL: {{nl}}',
    label: LABEL,
    maxLength: 2048,
  },
};

const TABLES = ['orders', 'users', 'invoices', 'shipments', 'payments', 'reviews'];

/** Plausible rows, the same every time: label and prediction of row i are set by hand-picked steps. */
function makeRows(count: number, seed: number): Row[] {
  return Array.from({ length: count }, (_, i) => {
    const table = TABLES[(i + seed) % TABLES.length];
    const faithful = (i + seed) % 3 !== 0;
    return {
      sql: `SELECT COUNT(*) FROM ${table} WHERE id > ${i * 10};`,
      reasoning: `Count rows of ${table} with an id above ${i * 10}.`,
      nl: faithful ? `How many ${table} have an id above ${i * 10}?` : `Which ${table} are there?`,
      [LABEL]: (faithful ? 0.95 - ((i * 7 + seed) % 20) / 100 : 0.3 + ((i * 3 + seed) % 15) / 100).toFixed(2),
    };
  });
}

export const TEST_ROWS: readonly Row[] = makeRows(24, 1);

function predict(row: Row, i: number): number {
  return Math.round((0.12 + 0.8 * Number(row[LABEL]) + ((i % 5) - 2) * 0.03) * 1e6) / 1e6;
}

interface BundleChanges {
  readonly config?: Partial<ConfigInput>;
  readonly testRows?: readonly Row[];
  /** Files to leave out. */
  readonly without?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

/** Writes the files that a card is made from, as assemble would, into a temporary folder. Weights are placeholders. */
export function writeSmallBundle(changes: BundleChanges = {}): string {
  const dir = makeTempDir();
  const config = { ...CONFIG, ...changes.config };
  const { label } = config.input;
  const test = changes.testRows ?? TEST_ROWS;
  const errors = test.map((row, i) => predict({ [LABEL]: row[label] ?? '' }, i) - Number(row[label]));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const mse = mean(errors.map((error) => error * error));
  const files: Record<string, string | Buffer> = {
    'hubwright.json': formatJson(config),
    'config.json': formatJson({
      architectures: ['BERTRewardModel'],
      model_type: 'modernbert_reward',
      hidden_size: 768,
      num_hidden_layers: 22,
      max_position_embeddings: 8192,
      id2label: { 0: 'REWARD' },
    }),
    'model.safetensors': writeSafetensors([
      { name: 'regressor.weight', dtype: 'F32', shape: [1, 768], bytes: Buffer.alloc(768 * 4) },
      { name: 'regressor.bias', dtype: 'F32', shape: [1], bytes: Buffer.alloc(4) },
    ]),
    'model.onnx': 'a graph',
    'modeling_reward.py': '# the shim\n',
    'tokenizer.json': '{}\n',
    'tokenizer_config.json': formatJson({ model_max_length: 2048 }),
    'special_tokens_map.json': '{}\n',
    'training_args.bin': 'a pickle',
    'training_args.json': formatJson({
      learning_rate: 2e-5,
      num_train_epochs: 8,
      max_steps: -1,
      per_device_train_batch_size: 2,
      gradient_accumulation_steps: 4,
      optim: 'adamw_torch',
      warmup_ratio: 0.1,
      seed: 12,
      fp16: false,
      bf16: true,
    }),
    'training_results.json': formatJson({
      eval_mse: 0.0197,
      eval_mae: 0.1128,
      eval_rmse: 0.1402,
      epoch: 5.0,
    }),
    'test_metrics.json': formatJson({ mse, mae: mean(errors.map(Math.abs)), rmse: Math.sqrt(mse) }),
    'train_set.csv': stringify(makeRows(144, 2), { header: true }),
    'eval_set.csv': stringify(makeRows(24, 3), { header: true }),
    'test_set.csv': stringify([...test], { header: true }),
    'test_predictions.csv': stringify([
      [label, 'prediction'],
      ...test.map((row, i) => [row[label], predict({ [LABEL]: row[label] ?? '' }, i)]),
    ]),
    'modernbert_reward_model_calibration.png': 'a picture',
    'modernbert_reward_model_calibration.svg': '<svg/>',
    'modernbert_reward_model_calibration_dark.png': 'a picture',
    'modernbert_reward_model_predictions_scatter.png': 'a picture',
    'modernbert_reward_model_predictions_scatter.svg': '<svg/>',
    'modernbert_reward_model_predictions_scatter_dark.png': 'a picture',
    'modernbert_reward_model_residuals.png': 'a picture',
    'modernbert_reward_model_residuals.svg': '<svg/>',
    'modernbert_reward_model_residuals_dark.png': 'a picture',
    ...changes.files,
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
  for (const path of changes.without ?? []) rmSync(join(dir, path));
  return dir;
}

/** The text of a bundle's card, as if there were none yet. */
export async function renderText(dir: string): Promise<string> {
  return (await renderCard(dir)).text;
}

/** Writes `card_facts.json` into a small bundle, as if its placeholders had been measured. */
export async function addCardFacts(dir: string, changes: Partial<CardFactsFile> = {}): Promise<void> {
  const config = await loadConfig(join(dir, 'hubwright.json'));
  const measure = (rows: number, duplicates: number) => ({
    rows,
    labelMean: 0.69,
    labelStd: 0.23,
    duplicates,
    tokens: { counted: rows, mean: 54.2, median: 52, p95: 71, max: 80 },
    truncated: 0,
  });
  const facts: CardFactsFile = {
    version: 1,
    madeFrom: await digestSources(dir, await listFiles(dir), config),
    model: { parameters: 149_606_401, dtypes: ['F32'], head: 'regressor.weight' },
    splits: {
      'train_set.csv': measure(144, 2),
      'eval_set.csv': measure(24, 0),
      'test_set.csv': measure(24, 0),
    },
    shared: [
      { of: 'eval_set.csv', in: 'train_set.csv', rows: 0 },
      { of: 'test_set.csv', in: 'train_set.csv', rows: 1 },
    ],
    testTokens: TEST_ROWS.map((_, i) => 40 + i),
    examples: [
      { row: 7, score: 0.8731 },
      { row: 3, score: 0.7412 },
      { row: 20, score: 0.3081 },
    ],
    trainingArgs: { notRead: ['lr_scheduler_kwargs'], withheld: [] },
    ...changes,
  };
  writeFileSync(join(dir, CARD_FACTS_FILE), formatJson(facts));
}
