import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/formats/json.ts';
import { loadTokenizer } from '../../src/inference/tokenizer.ts';
import { catchError } from '../fixtures/caught.ts';
import { copySampleRun } from '../fixtures/sample-run.ts';

function editTokenizer(change: (tokenizer: JsonObject) => unknown, file = 'tokenizer.json'): string {
  const dir = copySampleRun();
  const path = join(dir, file);
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as JsonObject)));
  return dir;
}

test('the padding token is the one that the settings name, as text or as an object', async () => {
  const padId = async (pad_token: unknown) =>
    (await loadTokenizer(editTokenizer((raw) => ({ ...raw, pad_token }), 'tokenizer_config.json'))).padId;
  const sep = await padId('[SEP]');
  expect(await padId(undefined)).toBe(await padId('[PAD]'));
  expect(sep).not.toBe(await padId('[PAD]'));
});

test('a tokenizer without special tokens adds none', async () => {
  const bare = await loadTokenizer(editTokenizer((raw) => ({ ...raw, post_processor: null })));
  const full = await loadTokenizer(editTokenizer((raw) => raw));
  expect(full.encode('SELECT 1', 256).ids.slice(1, -1)).toEqual(bare.encode('SELECT 1', 256).ids);
  expect(bare.encode('SELECT 1', 1)).toEqual({
    ids: bare.encode('SELECT 1', 256).ids.slice(0, 1),
    truncated: true,
  });
});

// What transformers 5.18 does with the two settings.
test.each([
  ['right', 'Left', [0, 1, 2]],
  ['left', 'Right', [-3, -2, -1]],
  [undefined, 'Left', [-3, -2, -1]],
  [undefined, 'Right', [0, 1, 2]],
])('truncation_side %s over direction %s decides which end is cut off', async (side, direction, kept) => {
  const dir = editTokenizer((raw) => ({
    ...raw,
    truncation: { ...(raw.truncation as JsonObject), direction },
  }));
  const settings = join(dir, 'tokenizer_config.json');
  const raw = JSON.parse(readFileSync(settings, 'utf8')) as JsonObject;
  writeFileSync(settings, JSON.stringify({ ...raw, truncation_side: side }));
  const tokenizer = await loadTokenizer(dir);
  const [first, ...rest] = tokenizer.encode('SELECT COUNT(*) FROM visits', 256).ids;
  const last = rest.pop();
  const cut = tokenizer.encode('SELECT COUNT(*) FROM visits', 5);
  expect(cut).toEqual({ ids: [first, ...kept.map((at) => rest.at(at)), last], truncated: true });
  expect(tokenizer.encode('SELECT COUNT(*) FROM visits', 2)).toEqual({ ids: [first, last], truncated: true });
});

const BAD: Record<string, (raw: JsonObject) => unknown> = {
  'no model': ({ model: _, ...raw }) => raw,
  'an unknown model': (raw) => ({ ...raw, model: { type: 'Nonsense' } }),
  'nothing in it': () => ({}),
  'an unknown pre-tokenizer': (raw) => ({ ...raw, pre_tokenizer: { type: 'Nonsense' } }),
  'a vocabulary that is a number': (raw) => ({ ...raw, model: { ...(raw.model as JsonObject), vocab: 3 } }),
  'a template without tokens': (raw) => ({
    ...raw,
    post_processor: { type: 'TemplateProcessing', single: 3 },
  }),
};

test.each(Object.entries(BAD))('a tokenizer.json with %s is refused', async (_, change) => {
  const error = await catchError(loadTokenizer(editTokenizer(change)));
  expect(error.code).toBe('INPUT_INVALID');
  expect(error.message).toMatch(/^tokenizer\.json /);
});
