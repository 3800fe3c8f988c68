import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type ConfigInput, configSchema, defineConfig, loadConfig } from '../src/config.ts';
import { catchError } from './fixtures/caught.ts';
import { makeTempDir } from './fixtures/temp-dir.ts';

const input = { template: 'SQL: {{sql}}', label: 'score', maxLength: 256 };

function writeConfig(content: unknown): string {
  const path = join(makeTempDir(), 'hubwright.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('a valid config', () => {
  test('gets its defaults', () => {
    expect(defineConfig({ input })).toEqual({
      input,
      layouts: [],
      head: { pooling: 'mean', activation: 'sigmoid' },
      onnx: { variants: [] },
      verify: {
        tolerance: 'auto',
        tolerances: {},
        ignore: [],
        variants: {
          fp32: { r2: 0.999999, maxDifference: 1e-4 },
          fp16: { r2: 0.9999, maxDifference: 0.01 },
          int8: { r2: 0.99, maxDifference: 0.05 },
        },
      },
      publish: { pullRequest: false },
      card: {},
    });
  });

  test('keeps what it says, from code as from a file', async () => {
    const full: ConfigInput = {
      $schema: './schema.json',
      repo: 'me/my-model',
      name: 'my_model.v2',
      title: 'My model',
      baseModel: 'answerdotai/ModernBERT-base',
      license: 'apache-2.0',
      language: ['en'],
      datasets: ['me/data'],
      tags: ['reward-model'],
      input,
      head: { pooling: 'cls', activation: 'identity' },
      layouts: ['sentence-transformers'],
      onnx: { variants: ['int8'] },
      verify: {
        tolerance: 'bf16',
        tolerances: {},
        ignore: [{ rule: 'row-counts', reason: 'the split was cut' }],
        variants: {
          fp32: { r2: 1, maxDifference: 0 },
          fp16: { r2: 0.9, maxDifference: 0.1 },
          int8: { r2: 0.8, maxDifference: 0.2 },
        },
      },
      publish: { private: true, pullRequest: false, tag: 'v1' },
      card: { summary: 'A **model**.', data: 'd', intendedUse: 'i', limitations: 'l', citation: 'c' },
    };
    expect(defineConfig(full)).toEqual(full);
    expect(await loadConfig(writeConfig(full))).toEqual(full);
  });

  test('reads sections of the card that are Markdown files, relative to itself', async () => {
    const path = writeConfig({ input, card: { summary: 'prose/summary.md', data: 'See data.md for more.' } });
    mkdirSync(join(path, '../prose'));
    writeFileSync(join(path, '../prose/summary.md'), '\nWhat it *does*.\n\n');
    expect((await loadConfig(path)).card).toEqual({
      summary: 'What it *does*.',
      data: 'See data.md for more.',
    });
  });

  test.each(['me/model', 'my-org/Model_1.0', 'a/b'])('may name the repository %s', (repo) => {
    expect(defineConfig({ input, repo }).repo).toBe(repo);
  });
});

const BAD: Record<string, [config: unknown, message: RegExp]> = {
  'no input': [{}, /input is missing$/],
  'no label': [{ input: { ...input, label: undefined } }, /input\.label is missing$/],
  'an unknown key': [{ input, xyz: 1 }, /unknown key xyz$/],
  'a misspelt key': [{ input, licence: 'mit' }, /unknown key licence \(did you mean license\?\)$/],
  'a misspelt nested key': [
    { input: { ...input, max_length: 8 } },
    /unknown key input\.max_length \(did you mean maxLength\?\)$/,
  ],
  'a misspelt key in a list': [
    { input, verify: { ignore: [{ rule: 'a', reason: 'b', reasons: 'c' }] } },
    /unknown key verify\.ignore\.0\.reasons \(did you mean reason\?\)$/,
  ],
  'two faults, both told': [
    { input, tags: 'x', headd: {} },
    /tags: .*expected array.*unknown key headd \(did you mean head\?\)/,
  ],
  'a key of every object': [
    '{"__proto__": {}, "constructor": 1}',
    /unknown key __proto__; unknown key constructor/,
  ],
  'a number as text': [
    { input: { ...input, maxLength: '256' } },
    /input\.maxLength: .*expected number, received string/,
  ],
  'a length below 2': [{ input: { ...input, maxLength: 1 } }, /input\.maxLength: .*>=2/],
  'a length that is no integer': [
    { input: { ...input, maxLength: 2.5 } },
    /input\.maxLength: .*expected int/,
  ],
  'an unknown pooling': [{ input, head: { pooling: 'sum' } }, /head\.pooling: .*"mean"\|"cls"\|"max"/],
  'an ignored rule without reason': [
    { input, verify: { ignore: [{ rule: 'a' }] } },
    /verify\.ignore\.0\.reason is missing/,
  ],
  'an empty section': [{ input, card: { summary: '' } }, /card\.summary: /],
  'a Markdown file that is not there': [
    { input, card: { data: 'data.md' } },
    /card\.data names data\.md, which is not in /,
  ],
  'a name with a slash': [{ input, name: 'a/b' }, /name: may hold letters/],
  'a repository without owner': [{ input, repo: 'model' }, /repo: must be owner\/name/],
  'a repository with --': [{ input, repo: 'me/a--b' }, /repo: must not hold --/],
  'a repository with ..': [{ input, repo: 'me/a..b' }, /repo: must not hold --, \.\./],
  'a repository ending in .git': [{ input, repo: 'me/a.git' }, /repo: .*\.git/],
  'a repository with a path': [{ input, repo: 'me/a/b' }, /repo: must be owner\/name/],
  'a repository of 97 characters': [{ input, repo: `me/${'a'.repeat(94)}` }, /repo: .*<=96/],
  'a base model that is no id': [{ input, baseModel: '../base' }, /baseModel: must be owner\/name/],
};

test.each(Object.entries(BAD))('a config with %s is refused', async (_, [config, message]) => {
  const error = await catchError(loadConfig(writeConfig(config)));
  expect(error.code).toBe('CONFIG');
  expect(error.message).toMatch(/^(hubwright\.json: |card\.)/);
  expect(error.message).toMatch(message);
  expect(error.exitCode).toBe(2);
});

test('a config that is no JSON is refused with its place', async () => {
  const error = await catchError(loadConfig(writeConfig('{\n  "input": {,}\n}')));
  expect([error.code, error.message]).toEqual([
    'INPUT_INVALID',
    'hubwright.json, line 2, column 13: is not valid JSON',
  ]);
});

test('a config that is not there is refused, with an example that would be taken', async () => {
  const error = await catchError(loadConfig(join(makeTempDir(), 'hubwright.json')));
  expect(error.code).toBe('INPUT_MISSING');
  const example = JSON.parse(error.hint?.replace('write one: ', '') ?? '') as ConfigInput;
  expect(defineConfig(example).input.maxLength).toBe(2048);
});

test('the JSON Schema of the input knows every key, and requires only input', () => {
  const schema = z.toJSONSchema(configSchema, { io: 'input' }) as Record<string, unknown>;
  expect(schema.required).toEqual(['input']);
  expect(schema.additionalProperties).toBe(false);
  expect(Object.keys(schema.properties as object)).toEqual(Object.keys(configSchema.shape));
});
