import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeCheckpoint } from '../../src/checkpoint/index.ts';
import { defineConfig } from '../../src/config.ts';
import { formatJson, readJsonObject } from '../../src/formats/json.ts';
import { readSafetensorsHeader } from '../../src/formats/safetensors.ts';
import { autoMap, renderShim, SHIM_FILE } from '../../src/shim/index.ts';
import { PYTHON, WITHOUT_PYTHON } from '../oracle/python.ts';

/** Logits and scores of random float32 models; the plain module and the shim do the same sums in the same order. */
const TOLERANCE = 1e-6;

/** Live: transformers loads what `renderShim` wrote. Needs a Python with torch and transformers. */
describe.skipIf(PYTHON === undefined)(`the shim in transformers${WITHOUT_PYTHON}`, () => {
  let root = '';
  let results: Record<string, Record<string, number | boolean>> = {};

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'hubwright-shim-'));
    await runPython('make_checkpoints.py', join(root, 'runs'));
    const folders = (await readdir(join(root, 'runs'))).map((name) => join(root, 'runs', name));
    for (const folder of folders) await addShim(folder);
    results = JSON.parse(await runPython('check_shim.py', ...folders));
  }, 300_000);

  afterAll(() => rm(root, { recursive: true, force: true }));

  it.each([
    'encoder-regressor',
    'nested-sequential',
    'model-score-cls',
    'base-model',
    'no-prefix',
    'shared-container',
    'numbered',
    'head-in-encoder',
  ])('gives the scores of the plain module, loaded in every way: %s', (variant) => {
    const checks = results[variant]!;
    expect(Object.keys(checks).length).toBeGreaterThanOrEqual(15);
    for (const [check, result] of Object.entries(checks)) {
      if (typeof result === 'number') expect(result, check).toBeLessThanOrEqual(TOLERANCE);
      else expect(result, check).toBe(true);
    }
  });
});

async function runPython(script: string, ...args: string[]): Promise<string> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await promisify(execFile)(PYTHON ?? '', [path, ...args], { maxBuffer: 1 << 24 });
  return stdout;
}

/** What assemble does to a run folder, as far as loading depends on it; `base/` plays the base model on the Hub. */
async function addShim(folder: string): Promise<void> {
  // JSON written from JavaScript says 2 for 2.0, and transformers 5 refuses an integer in this field.
  const { initializer_cutoff_factor: _, ...stock } = await readJsonObject(join(folder, 'config.json'));
  await mkdir(join(folder, 'base'));
  await writeFile(
    join(folder, 'base', 'config.json'),
    formatJson({ ...stock, architectures: ['ModernBertForMaskedLM'] }),
  );
  const header = await readSafetensorsHeader(join(folder, 'model.safetensors'));
  const { spec } = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8'));
  const config = defineConfig({
    input: { template: 'SQL: {{sql}}\nNL: {{nl}} {orders}', label: 'score', maxLength: 32 },
    head: { pooling: spec.pooling ?? 'mean', activation: spec.activation ?? 'sigmoid' },
    baseModel: 'answerdotai/ModernBERT-base',
  });
  const checkpoint = describeCheckpoint(header, stock);
  await writeFile(join(folder, SHIM_FILE), renderShim({ checkpoint, config }));
  await writeFile(
    join(folder, 'config.json'),
    formatJson({
      ...stock,
      model_type: 'modernbert_reward',
      architectures: ['BERTRewardModel'],
      auto_map: autoMap(),
      // Both spellings of the rotary settings: transformers 4 reads these, 5 the rope_parameters beside them.
      global_rope_theta: 160_000,
      local_rope_theta: 10_000,
      global_attn_every_n_layers: 3,
      id2label: { 0: 'REWARD' },
      label2id: { REWARD: 0 },
      problem_type: 'multi_label_classification',
    }),
  );
  const tokenizer = await readJsonObject(join(folder, 'tokenizer_config.json'));
  await writeFile(
    join(folder, 'tokenizer_config.json'),
    formatJson({ ...tokenizer, tokenizer_class: 'PreTrainedTokenizerFast' }),
  );
}
