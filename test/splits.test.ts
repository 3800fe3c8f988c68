import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defineConfig } from '../src/config.ts';
import { readPredictions, readSplit } from '../src/splits.ts';
import { catchError } from './fixtures/caught.ts';
import { makeTempDir } from './fixtures/temp-dir.ts';

const config = defineConfig({ input: { template: '{{ sql }} | {{nl}}', label: 'score', maxLength: 8 } });
const unbounded = { ...config, head: { ...config.head, activation: 'identity' as const } };

function writeCsv(name: string, text: string): string {
  const path = join(makeTempDir(), name);
  writeFileSync(path, text);
  return path;
}

const readTest = (text: string, settings = config) => readSplit(writeCsv('test_set.csv', text), settings);

test('a split gives texts and labels, row by row', async () => {
  const split = await readTest('nl,sql,score\n"a,\nb",SELECT 1,0.25\nx,y, 1e-1 \n');
  expect(split.texts).toEqual(['SELECT 1 | a,\nb', 'y | x']);
  expect([...split.labels]).toEqual([0.25, 0.1]);
});

test('labels outside [0, 1] are those of an unbounded score', async () => {
  const { labels } = await readTest('nl,sql,score\na,b,1.7\na,b,-3\n', unbounded);
  expect([...labels]).toEqual([1.7, -3]);
});

const BAD: Record<string, [text: string, message: RegExp]> = {
  'no label column': [
    'nl,sql,label\na,b,1\n',
    /^test_set\.csv has no column "score"; its columns: nl, sql, label$/,
  ],
  'no template column': [
    'sql,score\na,1\n',
    /^test_set\.csv has no column nl, which input\.template names; its columns: sql, score$/,
  ],
  'a label of 1.7': [
    'nl,sql,score\n"a\nb",c,1\na,b,1.7\n',
    /^test_set\.csv, row 2 \(line 4\): score is 1\.7; expected a number from 0 to 1$/,
  ],
  'a negative label': [
    'nl,sql,score\na,b,-0.01\n',
    /row 1 \(line 2\): score is -0\.01; expected a number from 0 to 1/,
  ],
  'a label in words': [
    'nl,sql,score\na,b,high\n',
    /row 1 \(line 2\): score is "high"; a number was expected/,
  ],
  'an empty label': ['nl,sql,score\na,b,1\na,b,\n', /row 2 \(line 3\): score is ""; a number was expected/],
  'a label of blanks': ['nl,sql,score\na,b,  \n', /score is ""; a number was expected/],
  'NaN for a label': ['nl,sql,score\na,b,nan\n', /score is "nan"; a number was expected/],
  'infinity for a label': ['nl,sql,score\na,b,Infinity\n', /score is "Infinity"; a number was expected/],
  'two numbers for a label': ['nl,sql,score\na,b,"0,5"\n', /score is "0,5"; a number was expected/],
  'no rows': ['nl,sql,score\n', /^test_set\.csv has a header and no rows$/],
};

test.each(Object.entries(BAD))('a split with %s is refused', async (_, [text, message]) => {
  const error = await catchError(readTest(text));
  expect(error.code).toBe('INPUT_INVALID');
  expect(error.message).toMatch(message);
});

test('a template without columns is a fault of the config', async () => {
  const fixed = { ...config, input: { ...config.input, template: 'sql' } };
  const error = await catchError(readTest('nl,sql,score\na,b,1\n', fixed));
  expect([error.code, error.message]).toEqual(['CONFIG', 'input.template names no column: "sql"']);
});

const readAll = async (text: string, file?: string) => {
  const split = await readTest('nl,sql,score\na,b,0.3512\nc,d,1\n');
  return readPredictions(writeCsv('test_predictions.csv', text), split, config, file);
};

test('predictions are read, with labels that went through float32', async () => {
  const text = `score,prediction,extra\n${Math.fround(0.3512)},0.5,x\n1.0,0.25,y\n`;
  expect([...(await readAll(text))]).toEqual([0.5, 0.25]);
});

const WRONG: Record<string, [text: string, message: RegExp]> = {
  'a row too few': ['score,prediction\n0.3512,0.5\n', /^test_predictions\.csv has 1 rows, the test split 2$/],
  'a row too many': ['score,prediction\n0.3512,0.5\n1,0.5\n1,0.5\n', /has 3 rows, the test split 2$/],
  'rows in another order': [
    'score,prediction\n1,0.5\n0.3512,0.5\n',
    /^test_predictions\.csv, row 1: score is 1, the test split says 0\.3512$/,
  ],
  'another label': [
    'score,prediction\n0.3512,0.5\n0.99,0.5\n',
    /row 2: score is 0\.99, the test split says 1$/,
  ],
  'no predictions': [
    'score\n0.3512\n1\n',
    /^test_predictions\.csv has no column "prediction"; its columns: score$/,
  ],
  'no labels': ['prediction\n0.5\n0.5\n', /has no column "score"/],
  'a prediction that a sigmoid cannot give': [
    'score,prediction\n0.3512,0.5\n1,1.01\n',
    /row 2 \(line 3\): prediction is 1\.01; expected a number from 0 to 1/,
  ],
  'a prediction of NaN': ['score,prediction\n0.3512,nan\n1,0\n', /row 1 \(line 2\): prediction is "nan"/],
};

test.each(Object.entries(WRONG))('predictions with %s are refused', async (_, [text, message]) => {
  const error = await catchError(readAll(text));
  expect(error.code).toBe('INPUT_INVALID');
  expect(error.message).toMatch(message);
  expect(error.hint).toBe('write the predictions again, one row a test row, in the same order');
});

test('an error speaks of the file that the author knows', async () => {
  expect((await catchError(readAll('score\n1\n', 'preds.csv'))).message).toMatch(/^preds\.csv has 1 rows/);
});
