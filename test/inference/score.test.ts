import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { type ScoreOptions, scoreTexts } from '../../src/inference/index.ts';
import type { ScoreProgress } from '../../src/inference/progress.ts';
import { readPredictions, readSplit, type Split } from '../../src/splits.ts';
import { largestDifference } from '../export/batch.ts';
import { catchError } from '../fixtures/caught.ts';
import { exportSampleRun, SAMPLE_RUN } from '../fixtures/sample-run.ts';

const config = await loadConfig(join(SAMPLE_RUN, 'hubwright.json'));
const sample: Split = await readSplit(join(SAMPLE_RUN, 'test_set.csv'), config);
const options: ScoreOptions = { maxLength: config.input.maxLength, activation: 'sigmoid' };

test('the test split has the scores that PyTorch gave it, row by row', async () => {
  const dir = await exportSampleRun();
  const recorded = await readPredictions(join(dir, 'test_predictions.csv'), sample, config);
  const advances: number[] = [];
  const result = await scoreTexts(dir, sample.texts, {
    ...options,
    onAdvance: ({ done }) => advances.push(done),
  });
  expect(largestDifference(result.scores, recorded)).toBeLessThan(1e-5);
  expect(result.truncatedRows).toBe(0);
  expect(result.distinctTexts).toBe(new Set(sample.texts).size);
  expect(result.executionProvider).toBe('cpu');
  expect(result.runtimeVersion).toMatch(/^1\.\d+\.\d+/);
  expect(advances.at(-1)).toBe(sample.texts.length);
  expect(advances).toEqual([...advances].sort((a, b) => a - b));
});

test('scores come in the order of the texts, and a text that occurs twice is computed once', async () => {
  const dir = await exportSampleRun();
  const texts = sample.texts.slice(0, 30);
  const straight = await scoreTexts(dir, texts, options);
  const twice = await scoreTexts(dir, [...[...texts].reverse(), ...texts], options);
  expect(twice.distinctTexts).toBe(straight.distinctTexts);
  expect(twice.tokens).toBe(straight.tokens);
  const expected = [...[...straight.scores].reverse(), ...straight.scores];
  expect(largestDifference(twice.scores, expected)).toBeLessThan(1e-6);
  expect(twice.scores.slice(0, 30).reverse()).toEqual(twice.scores.slice(30));
});

test('the sigmoid is applied once, or not at all', async () => {
  const dir = await exportSampleRun();
  const texts = sample.texts.slice(0, 8);
  const bounded = await scoreTexts(dir, texts, options);
  const raw = await scoreTexts(dir, texts, { ...options, activation: 'identity' });
  expect(raw.scores).toEqual(raw.logits);
  expect(raw.logits).toEqual(bounded.logits);
  const sigmoids = [...raw.logits].map((logit) => 1 / (1 + Math.exp(-logit)));
  expect(largestDifference(bounded.scores, sigmoids)).toBeLessThan(1e-7);
});

test('longer texts are cut, and counted', async () => {
  const dir = await exportSampleRun();
  const texts = sample.texts.slice(0, 3);
  const cut = await scoreTexts(dir, texts, { ...options, maxLength: 8 });
  expect([cut.truncatedRows, cut.tokens]).toEqual([3, 8 * cut.distinctTexts]);
});

test('an empty text has a score, and no texts have none', async () => {
  const dir = await exportSampleRun();
  expect((await scoreTexts(dir, [''], options)).scores[0]).toBeGreaterThan(0);
  expect((await scoreTexts(dir, [], options)).scores.length).toBe(0);
});

test('an aborted signal stops it, before the first batch or between two', async () => {
  const dir = await exportSampleRun();
  const early = await catchError(scoreTexts(dir, sample.texts, { ...options, signal: AbortSignal.abort() }));
  expect([early.code, early.exitCode]).toEqual(['ABORTED', 130]);

  const controller = new AbortController();
  const advances: number[] = [];
  const onAdvance = ({ done }: ScoreProgress) => {
    advances.push(done);
    controller.abort();
  };
  const late = await catchError(
    scoreTexts(dir, sample.texts, { ...options, signal: controller.signal, onAdvance }),
  );
  expect(late.code).toBe('ABORTED');
  expect(advances.length).toBe(1);
});

test('a signal that fires from a timer is heard', async () => {
  const dir = await exportSampleRun();
  const texts = Array.from({ length: 20 }, (_, i) => sample.texts.map((text) => `${text} ${i}`)).flat();
  const controller = new AbortController();
  setImmediate(() => controller.abort());
  expect((await catchError(scoreTexts(dir, texts, { ...options, signal: controller.signal }))).code).toBe(
    'ABORTED',
  );
});
