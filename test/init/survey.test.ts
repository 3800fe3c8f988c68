import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { surveyRun } from '../../src/init/survey.ts';
import { catchError } from '../fixtures/caught.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

/** A folder with these files; a name alone makes an empty one. */
function makeFolder(files: Record<string, string>): string {
  const dir = makeTempDir();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
  return dir;
}

/** `files.*` as hubwright.json would have them. */
async function findFiles(files: Record<string, string>): Promise<Record<string, string>> {
  const survey = await surveyRun(makeFolder(files));
  return Object.fromEntries(survey.files.map(({ key, value }) => [key.replace('files.', ''), value]));
}

describe('a survey of a run folder', () => {
  test('finds nothing to say where everything has its usual name', async () => {
    const names = ['model.safetensors', 'test_metrics.json', 'test_set.csv', 'train_set.csv', 'eval_set.csv'];
    const usual = Object.fromEntries([...names, 'test_predictions.csv'].map((name) => [name, '']));
    const checkpoint = { 'checkpoint-10/model.safetensors': '', 'checkpoint-10/trainer_state.json': '{}' };
    expect(await findFiles({ ...usual, ...checkpoint })).toEqual({});
  });

  test.each([
    [{ best_model_checkpoint: '/root/run/checkpoint-20' }, 'checkpoint-20'],
    [{ best_model_checkpoint: 'C:\\run\\checkpoint-20' }, 'checkpoint-20'],
    [{ best_model_checkpoint: 'elsewhere/checkpoint-30' }, 'checkpoint-100'],
    [{}, 'checkpoint-100'],
    ['broken', 'checkpoint-100'],
  ])('takes the best checkpoint, or the last by number: %j → %s', async (state, model) => {
    const text = typeof state === 'string' ? state : JSON.stringify(state);
    const files = {
      'checkpoint-20/model.safetensors': '',
      'checkpoint-100/pytorch_model.bin': '',
      'checkpoint-100/trainer_state.json': text,
      'checkpoint-200/optimizer.pt': '',
    };
    expect(await findFiles(files)).toEqual({ model });
  });

  test('prefers the only folder with weights that is no checkpoint', async () => {
    const files = { 'final/model.safetensors.index.json': '', 'checkpoint-5/model.safetensors': '' };
    expect(await findFiles(files)).toEqual({ model: 'final' });
  });

  test('finds splits, metrics and predictions under other names', async () => {
    const files = {
      'model.safetensors': '',
      'test.csv': '',
      'my_train_data.csv': '',
      'dev.csv': '',
      'config.json': '{"num_labels": 1}',
      'trainer_state.json': '{"mse": 1}',
      'train_results.json': '{"train_mse": 0.1}',
      'eval_results.json': '{"eval_mse": 0.1}',
      'predict_results.json': '{"predict_mse": 0.1, "predict_runtime": 3}',
      'preds_on_test.csv': '',
      'train_preds.csv': '',
    };
    expect(await findFiles(files)).toEqual({
      test: 'test.csv',
      train: 'my_train_data.csv',
      eval: 'dev.csv',
      metrics: 'predict_results.json',
      predictions: 'preds_on_test.csv',
    });
  });

  test('does not choose between two', async () => {
    const files = {
      'model.safetensors': '',
      'test_a.csv': '',
      'test_b.csv': '',
      'pred_a.csv': '',
      'pred_b.csv': '',
    };
    expect(await findFiles({ ...files, 'test_a.json': '{"mse": 1}', 'test_b.json': '{"mse": 1}' })).toEqual(
      {},
    );
  });

  test('says which folder cannot be read', async () => {
    const error = await catchError(surveyRun(join(makeTempDir(), 'none')));
    expect([error.code, error.message]).toEqual([
      'INPUT_MISSING',
      expect.stringMatching(/run folder .*none cannot/),
    ]);
  });
});
