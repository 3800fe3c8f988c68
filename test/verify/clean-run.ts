import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '../../src/assemble/index.ts';
import { type Config, defineConfig } from '../../src/config.ts';
import { exportOnnx } from '../../src/export/index.ts';
import type { JsonObject } from '../../src/formats/json.ts';
import { scoreTexts } from '../../src/inference/index.ts';
import { measureRegression } from '../../src/metrics/regression.ts';
import { readSplit, SPLIT_FILES, scanSplit } from '../../src/splits.ts';
import { plainTensors, SMALL } from '../architectures/checkpoints.ts';
import { writeSafetensors } from '../fixtures/safetensors-writer.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';
import { editJson } from './bundle-fixture.ts';
import { editRecords, setLabel } from './cases/data.ts';

export type FloatType = 'F32' | 'F16' | 'BF16';

const MAX_LENGTH = 256;
const IDS = { bos_token_id: 1, cls_token_id: 1, eos_token_id: 2, sep_token_id: 2, pad_token_id: 3 };
const TORCH_NAMES: Record<FloatType, string> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };
const LABEL = 'similarity_with_penalty';

/** A run of a small random encoder whose labels are what it says of each row, with some noise. */
export async function makeCleanRun(modelType: string, dtype: FloatType) {
  const root = mkdtempSync(join(tmpdir(), 'hubwright-clean-'));
  const [run, bundle] = [join(root, 'run'), join(root, 'bundle')];
  cpSync(SAMPLE_RUN, run, { recursive: true });
  for (const name of ['test_predictions.csv', 'training_args.bin', 'training_results.json'])
    rmSync(join(run, name));
  for (const file of Object.values(SPLIT_FILES))
    editRecords(run, file, (records) => records.filter((_, i) => i === 0 || i % 7 === 1));
  const raw: JsonObject = {
    ...SMALL,
    ...IDS,
    model_type: modelType,
    vocab_size: 1697,
    max_position_embeddings: MAX_LENGTH + 32,
    n_positions: MAX_LENGTH + 32,
    torch_dtype: TORCH_NAMES[dtype],
  };
  writeFileSync(join(run, 'config.json'), JSON.stringify(raw, null, 2));
  editJson(run, 'tokenizer.json', (tokenizer) => {
    (tokenizer.truncation as Record<string, unknown>).max_length = MAX_LENGTH;
  });
  editJson(run, 'tokenizer_config.json', (tokenizer) => {
    Object.assign(tokenizer, { model_max_length: MAX_LENGTH, max_length: MAX_LENGTH });
  });
  const config = defineConfig({
    repo: 'me/sample',
    name: 'clean_model',
    license: 'apache-2.0',
    language: ['en'],
    input: {
      template: 'SQL: {{sql}}\nReasoning: {{reasoning}}\nNL: {{nl}}',
      label: LABEL,
      maxLength: MAX_LENGTH,
    },
  });
  await label(run, raw, dtype, config);
  await assemble(run, { config, outDir: bundle });
  return { bundle, dispose: () => rmSync(root, { recursive: true, force: true }) };
}

/** Gives every row of every split the score of the model, a little off, and writes the metrics of that. */
async function label(run: string, raw: JsonObject, dtype: FloatType, config: Config): Promise<void> {
  const weights = join(run, 'model.safetensors');
  const score = async (file: string) => {
    const { readTexts } = await scanSplit(join(run, file), config);
    return scoreTexts(run, readTexts, { maxLength: MAX_LENGTH, activation: 'sigmoid' });
  };
  writeFileSync(weights, writeWeights(raw, dtype, { scale: 1, shift: 0 }));
  await exportOnnx(run, { pooling: config.head.pooling });
  // A random encoder says nearly the same of every text: the head is set so that its scores spread.
  const { logits } = await score(SPLIT_FILES.test);
  const { predictionMean, predictionStd } = measureRegression(logits, logits);
  writeFileSync(
    weights,
    writeWeights(raw, dtype, { scale: 1 / predictionStd, shift: -predictionMean / predictionStd }),
  );
  for (const file of Object.values(SPLIT_FILES)) {
    const { scores } = await score(file);
    editRecords(run, file, ([header = '', ...rows]) => [
      header,
      ...rows.map((row, i) => setLabel(row, clip((scores[i] ?? 0) + 0.02 * Math.sin(i * 7)).toFixed(4))),
    ]);
    if (file !== SPLIT_FILES.test) continue;
    const { labels } = await readSplit(join(run, file), config);
    const { mse, mae, rmse, r2, pearson } = measureRegression(labels, scores);
    writeFileSync(join(run, 'test_metrics.json'), JSON.stringify({ mse, mae, rmse, r2, pearson }, null, 2));
  }
  rmSync(join(run, 'model.onnx'));
}

const clip = (score: number) => Math.min(1, Math.max(0, score));

function writeWeights(raw: JsonObject, dtype: FloatType, head: { scale: number; shift: number }): Buffer {
  let seed = 0;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 1_073_741_824 - 1;
  };
  const tensors = [...plainTensors(raw)].map(([name, { shape }]) => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    const isNorm = /norm/i.test(name) && name.endsWith('weight');
    const values = Float32Array.from({ length: size }, () => (isNorm ? 1 + 0.1 * random() : 0.6 * random()));
    if (name.startsWith('score.')) {
      const shift = name === 'score.bias' ? head.shift : 0;
      for (const [at, value] of values.entries()) values[at] = value * head.scale + shift;
    }
    return { name, dtype, shape, bytes: encode(values, dtype) };
  });
  return writeSafetensors(tensors, { format: 'pt' });
}

function encode(values: Float32Array, dtype: FloatType): Buffer {
  if (dtype === 'F32') return Buffer.from(values.buffer);
  const bytes = Buffer.alloc(values.length * 2);
  for (const [i, bits] of new Uint32Array(values.buffer).entries()) {
    const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
    // Normal numbers only: what is smaller than float16 holds is written as zero.
    const half =
      exponent <= 0
        ? (bits >>> 16) & 0x8000
        : ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff);
    bytes.writeUInt16LE(dtype === 'BF16' ? bits >>> 16 : half, i * 2);
  }
  return bytes;
}
