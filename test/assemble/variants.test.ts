import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/assemble/index.ts';
import { loadConfig } from '../../src/config.ts';
import { readCsv } from '../../src/formats/csv.ts';
import type { ProgressEvent } from '../../src/progress.ts';
import { largestDifference } from '../export/batch.ts';
import { catchError } from '../fixtures/caught.ts';
import { readFolderState } from '../fixtures/folder-state.ts';
import { copySampleRun, SAMPLE_RUN } from '../fixtures/sample-run.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

const config = await loadConfig(join(SAMPLE_RUN, 'hubwright.json'));
const { label } = config.input;

async function assembleRun(run: string, change: object = {}) {
  const outDir = join(makeTempDir(), 'bundle');
  const events: ProgressEvent[] = [];
  const onProgress = (event: ProgressEvent) => events.push(event);
  const { lock } = await assemble(run, { config: { ...config, ...change }, outDir, onProgress });
  const notes = events.flatMap((event) => (event.kind === 'note' ? [event.message] : []));
  return { outDir, files: lock.files.map(({ path }) => path), notes, events };
}

const readColumn = async (dir: string, column: string) =>
  (await readCsv(join(dir, 'test_predictions.csv'))).rows.map(({ cells }) => Number(cells[column]));

/** Rewrites the sample's predictions under another file name, with other columns. */
function renamePredictions(run: string, file: string, header: string): void {
  const path = join(run, 'test_predictions.csv');
  const [, ...rows] = readFileSync(path, 'utf8').split('\n');
  rmSync(path);
  writeFileSync(join(run, file), [header, ...rows].join('\n'));
}

describe('predictions', () => {
  test('are computed for a run without any', async () => {
    const run = copySampleRun();
    rmSync(join(run, 'test_predictions.csv'));
    const { outDir, events } = await assembleRun(run);
    const computed = await readColumn(outDir, 'prediction');
    expect(largestDifference(computed, await readColumn(SAMPLE_RUN, 'prediction'))).toBeLessThan(1e-5);
    expect(await readColumn(outDir, label)).toEqual(await readColumn(SAMPLE_RUN, label));
    expect(events.some((event) => event.kind === 'advance' && event.unit === 'rows scored')).toBe(true);
  });

  test.each([
    ['predictions.csv', `${label},y_pred`],
    ['model_predictions.csv', `${label},predicted_score`],
    ['test_predictions.csv', `${label},score`],
    ['test_predictions.csv', 'truth,prediction'],
  ])('are taken from %s with the columns %s', async (file, header) => {
    const run = copySampleRun();
    renamePredictions(run, file, header);
    const { outDir } = await assembleRun(run);
    for (const column of [label, 'prediction']) {
      expect(await readColumn(outDir, column)).toEqual(await readColumn(SAMPLE_RUN, column));
    }
  });

  test.each([
    [
      'predictions.csv',
      `${label},result`,
      /^predictions\.csv has no column that is clearly the predictions; .*, result$/,
    ],
    ['predictions.csv', 'score,pred', /^predictions\.csv has no column that is clearly the predictions/],
    ['predictions.csv', `prediction,${label}`, /^predictions\.csv, row 1: .* is .*, the test split says/],
  ])('of %s with the columns %s are refused by that name', async (file, header, message) => {
    const run = copySampleRun();
    renamePredictions(run, file, header);
    const error = await catchError(assembleRun(run));
    expect(error.code).toBe('INPUT_INVALID');
    expect(error.message).toMatch(message);
  });
});

describe('a run', () => {
  test('without what is optional gives a bundle without it', async () => {
    const run = copySampleRun();
    const optional = ['training_args.bin', 'training_results.json', 'train_set.csv', 'eval_set.csv'];
    for (const name of optional) rmSync(join(run, name));
    const { files } = await assembleRun(run);
    for (const name of [...optional, 'training_args.json']) expect(files).not.toContain(name);
  });

  test('may hold more than is taken, and is told what', async () => {
    const run = copySampleRun();
    mkdirSync(join(run, 'checkpoint-5'));
    writeFileSync(join(run, 'optimizer.pt'), '');
    const { files, notes } = await assembleRun(run);
    expect(files).not.toContain('optimizer.pt');
    expect(notes).toEqual(['left behind: checkpoint-5/', 'left behind: optimizer.pt']);
  });

  test('without a name in its config is named after its folder', async () => {
    const run = copySampleRun();
    const named = join(run, '../My run 7');
    renameSync(run, named);
    const { files } = await assembleRun(named, { name: undefined });
    expect(files).toContain('My-run-7_predictions_scatter.png');
  });

  test.each([
    ['hostile-root.bin', /^training_args\.bin is not shipped: the file /],
    ['hostile-argument.bin', /^training_args\.bin is not shipped: the file /],
    ['leaky.bin', /^training_args\.bin is not shipped: the file .*; holds a secret in hub_token/],
  ])('does not ship the training_args.bin %s, and says why', async (file, note) => {
    const run = copySampleRun();
    cpSync(new URL(`../files/training-args/${file}`, import.meta.url), join(run, 'training_args.bin'));
    const { files, notes } = await assembleRun(run);
    expect(files).toContain('training_args.json');
    expect(files).not.toContain('training_args.bin');
    expect(notes[0]).toMatch(note);
  });

  test('without config.json asks for it, when the base model is unknown', async () => {
    const run = copySampleRun();
    rmSync(join(run, 'config.json'));
    const error = await catchError(assembleRun(run));
    expect(error.message).toMatch(/has no config\.json, and hubwright\.json names no baseModel/);
  });

  test('without config.json is compared with the base model that it names', async () => {
    const run = copySampleRun();
    rmSync(join(run, 'config.json'));
    const error = await catchError(assembleRun(run, { baseModel: 'answerdotai/ModernBERT-base' }));
    expect(error.message).toMatch(
      /tok_embeddings\.weight has shape .*; config\.json calls for \[50368, 768\]/,
    );
  });
});

describe('when assembling fails midway', () => {
  test('nothing is left, and a bundle that was there stays', async () => {
    const run = copySampleRun();
    const parent = makeTempDir();
    await assemble(run, { config, outDir: join(parent, 'old') });
    const before = readFolderState(parent);
    // Noticed last: the model, the tokenizer and the predictions are written by then.
    writeFileSync(join(run, 'predictions.csv'), 'x\n');
    rmSync(join(run, 'test_predictions.csv'));
    for (const out of ['new', 'deep/er/new', 'old']) {
      await catchError(assemble(run, { config, outDir: join(parent, out) }));
    }
    expect(readFolderState(parent)).toEqual(before);
    expect(readdirSync(parent)).toEqual(['old']);
  });

  test('by an abort, nothing is left', async () => {
    const run = copySampleRun();
    rmSync(join(run, 'test_predictions.csv'));
    const parent = makeTempDir();
    const controller = new AbortController();
    const onProgress = ({ kind }: ProgressEvent) => {
      if (kind === 'advance') controller.abort();
    };
    const options = { config, outDir: join(parent, 'new'), signal: controller.signal, onProgress };
    expect((await catchError(assemble(run, options))).code).toBe('ABORTED');
    expect(readdirSync(parent)).toEqual([]);
  });
});
