import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AssembledBundle, assemble } from '../../src/assemble/index.ts';
import { compareWithLock } from '../../src/bundle.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { JsonObject } from '../../src/formats/json.ts';
import type { ProgressEvent } from '../../src/progress.ts';
import { readFolderState } from '../fixtures/folder-state.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

const FILES = [
  'README.md',
  'card_facts.json',
  'config.json',
  'eval_set.csv',
  'hubwright.json',
  'model.onnx',
  'model.safetensors',
  'modeling_reward.py',
  'modernbert_reward_model_calibration.png',
  'modernbert_reward_model_calibration.svg',
  'modernbert_reward_model_calibration_dark.png',
  'modernbert_reward_model_predictions_scatter.png',
  'modernbert_reward_model_predictions_scatter.svg',
  'modernbert_reward_model_predictions_scatter_dark.png',
  'modernbert_reward_model_residuals.png',
  'modernbert_reward_model_residuals.svg',
  'modernbert_reward_model_residuals_dark.png',
  'special_tokens_map.json',
  'test_metrics.json',
  'test_predictions.csv',
  'test_set.csv',
  'tokenizer.json',
  'tokenizer_config.json',
  'train_set.csv',
  'training_args.bin',
  'training_args.json',
  'training_results.json',
];
const COPIED = [
  'model.safetensors',
  'tokenizer.json',
  'test_metrics.json',
  'training_results.json',
  'training_args.bin',
  'train_set.csv',
  'eval_set.csv',
  'test_set.csv',
];

let parent: string;
let config: Config;
let bundle: AssembledBundle;
let runBefore: Record<string, string>;
const events: ProgressEvent[] = [];
const read = (name: string) => readFileSync(join(bundle.dir, name));
const readObject = (name: string) => JSON.parse(read(name).toString()) as JsonObject;

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'hubwright-test-'));
  config = { ...(await loadConfig(join(SAMPLE_RUN, 'hubwright.json'))), repo: 'me/sample' };
  runBefore = readFolderState(SAMPLE_RUN);
  const onProgress = (event: ProgressEvent) => events.push(event);
  bundle = await assemble(SAMPLE_RUN, { config, outDir: join(parent, 'bundle'), onProgress });
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

describe('the bundle of the sample run', () => {
  test('holds these files, all of them locked, and nothing stands beside it', async () => {
    expect(bundle.lock.files.map(({ path }) => path)).toEqual(FILES);
    expect(readdirSync(bundle.dir).sort()).toEqual([...FILES, 'hubwright.lock.json'].sort());
    expect(await compareWithLock(bundle.dir, bundle.lock)).toEqual([]);
    expect(readdirSync(parent)).toEqual(['bundle']);
  });

  test.each(COPIED)('has %s byte for byte as training left it', (name) => {
    expect(read(name).equals(readFileSync(join(SAMPLE_RUN, name)))).toBe(true);
  });

  test('leaves the run folder as it was', () => {
    expect(readFolderState(SAMPLE_RUN)).toEqual(runBefore);
  });

  test('keeps the run its own predictions, digit for digit', () => {
    const lines = (text: string) => text.trimEnd().split(/\r?\n/);
    const own = readFileSync(join(SAMPLE_RUN, 'test_predictions.csv'), 'utf8');
    expect(lines(read('test_predictions.csv').toString())).toEqual(lines(own));
  });

  test('has a config.json of its own model type, with the encoder settings of the run', () => {
    const own = JSON.parse(readFileSync(join(SAMPLE_RUN, 'config.json'), 'utf8')) as JsonObject;
    const made = readObject('config.json');
    expect(made).toMatchObject({ model_type: 'modernbert_reward', layer_types: own.layer_types });
    for (const key of ['vocab_size', 'hidden_size', 'local_attention', 'pad_token_id', 'rope_parameters']) {
      expect(made[key], key).toEqual(own[key]);
    }
  });

  test('has tokenizer settings that every version of transformers reads', () => {
    expect(readObject('tokenizer_config.json')).toMatchObject({
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_input_names: ['input_ids', 'attention_mask'],
    });
    expect(readObject('special_tokens_map.json')).toMatchObject({ cls_token: '[CLS]', pad_token: '[PAD]' });
  });

  test('has the config that it was made with, which can be loaded again', async () => {
    expect(readObject('hubwright.json')).not.toHaveProperty('$schema');
    const { $schema: _, ...rest } = config;
    expect(await loadConfig(join(bundle.dir, 'hubwright.json'))).toEqual(rest);
  });

  test('is announced by a start and an end', () => {
    expect(events[0]).toEqual({ kind: 'start', stage: 'assemble', message: `assembling ${SAMPLE_RUN}` });
    const message = `${FILES.length} files in ${bundle.dir}`;
    expect(events.at(-1)).toEqual({ kind: 'done', stage: 'assemble', message });
  });
});

describe('assembling again', () => {
  test('gives the same bytes, in another place too', async () => {
    const again = await assemble(SAMPLE_RUN, { config, outDir: join(makeTempDir(), 'elsewhere') });
    expect(again.lock).toEqual(bundle.lock);
  });

  test('replaces the untouched bundle', async () => {
    const outDir = join(makeTempDir(), 'bundle');
    const other = { ...config, name: 'other' };
    const first = await assemble(SAMPLE_RUN, { config: other, outDir });
    const second = await assemble(SAMPLE_RUN, { config, outDir });
    expect(first.lock.rootDigest).not.toBe(bundle.lock.rootDigest);
    expect(second.lock).toEqual(bundle.lock);
    expect(await compareWithLock(outDir, bundle.lock)).toEqual([]);
  });
});
