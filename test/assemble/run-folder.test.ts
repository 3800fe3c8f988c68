import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nameFromFolder, readRunFolder } from '../../src/assemble/run-folder.ts';
import { catchError } from '../fixtures/caught.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

const REQUIRED = [
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
  'test_metrics.json',
  'test_set.csv',
];

/** A folder of empty files: only names matter here. A name that ends in a slash is a folder. */
function makeRun(...names: string[]): string {
  const dir = makeTempDir();
  for (const name of names) {
    if (name.endsWith('/')) mkdirSync(join(dir, name));
    else writeFileSync(join(dir, name), '');
  }
  return dir;
}

test('a run folder is listed by what is what', async () => {
  const optional = [
    'config.json',
    'training_args.bin',
    'train_set.csv',
    'hubwright.json',
    'special_tokens_map.json',
  ];
  const dir = makeRun(...REQUIRED, ...optional, 'optimizer.pt', 'checkpoint-10/', 'test_predictions.csv');
  expect(await readRunFolder(dir)).toEqual({
    dir,
    modelDir: dir,
    at: expect.any(Function),
    copied: ['model.safetensors', 'tokenizer.json', 'test_metrics.json', 'test_set.csv', 'train_set.csv'],
    hasConfig: true,
    hasTrainingArgs: true,
    predictions: 'test_predictions.csv',
    ignored: ['checkpoint-10/', 'optimizer.pt'],
  });
});

describe('predictions are found', () => {
  test.each([
    [['test_predictions.csv', 'predictions.csv'], 'test_predictions.csv'],
    [['my_model_Predictions.csv'], 'my_model_Predictions.csv'],
    [['prediction.csv', 'train_predictions.csv', 'eval_predictions.csv'], 'prediction.csv'],
    [['train_predictions.csv'], undefined],
    [['predictions_a.csv', 'predictions_b.csv'], undefined],
    [['predictions.json'], undefined],
    [[], undefined],
  ])('among %j: %s', async (names, found) => {
    expect((await readRunFolder(makeRun(...REQUIRED, ...names))).predictions).toBe(found);
  });
});

describe('a run folder is refused', () => {
  test.each(REQUIRED)('without %s, with the way to make it', async (name) => {
    const dir = makeRun(...REQUIRED);
    rmSync(join(dir, name));
    const error = await catchError(readRunFolder(dir));
    expect([error.code, error.message]).toEqual(['INPUT_MISSING', `the run folder ${dir} has no ${name}`]);
    expect(error.hint).toMatch(/there: /);
  });

  test('with every missing file named at once', async () => {
    const error = await catchError(readRunFolder(makeRun('model.safetensors', 'test_set.csv')));
    expect(error.message).toMatch(/has no tokenizer\.json, tokenizer_config\.json, test_metrics\.json$/);
  });

  test.each(['pytorch_model-00001-of-00002.bin', 'model-00001-of-00002.safetensors'])(
    'with its weights as %s',
    async (name) => {
      const dir = makeRun(...REQUIRED.slice(1), name);
      const error = await catchError(readRunFolder(dir));
      expect([error.code, error.message]).toEqual([
        'UNSUPPORTED',
        `${dir} holds its weights as ${name}; one model.safetensors is needed`,
      ]);
    },
  );

  test('with a folder where a file should be', async () => {
    const error = await catchError(readRunFolder(makeRun('model.safetensors/', ...REQUIRED.slice(1))));
    expect(error.message).toMatch(/has no model\.safetensors$/);
  });

  test('when it is empty', async () => {
    const dir = makeTempDir();
    const error = await catchError(readRunFolder(dir));
    expect([error.code, error.message]).toEqual(['INPUT_MISSING', `the run folder ${dir} is empty`]);
  });

  test.each(['nowhere', 'file'])('when it is no folder: %s', async (name) => {
    const path = join(makeRun('file'), name);
    const error = await catchError(readRunFolder(path));
    expect([error.code, error.message]).toEqual(['INPUT_MISSING', `the run folder ${path} cannot be read`]);
    expect(error.hint).toMatch(/hubwright assemble <run-dir>/);
  });
});

test.each([
  ['/runs/My model (v2)', 'My-model-v2-'],
  ['/runs/.hidden', 'hidden'],
  ['/runs/a.b_c-1/', 'a.b_c-1'],
  ['/runs/日本', 'model'],
  ['/', 'model'],
])('the folder %s names the model %s', (dir, name) => {
  expect(nameFromFolder(dir)).toBe(name);
});
