import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { loadTokenizer, type TextEncoder } from '../../src/inference/tokenizer.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';

interface Case {
  text: string;
  max_length: number;
  ids: number[];
}

const golden = new URL('../files/sample-tokens.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(golden, 'utf8')) as { cases: Case[] };

let tokenizer: TextEncoder;
beforeAll(async () => {
  tokenizer = await loadTokenizer(SAMPLE_RUN);
});

test('the golden file covers whole texts, cut ones and hostile ones', () => {
  expect(cases.length).toBeGreaterThan(200);
  expect(new Set(cases.map(({ max_length }) => max_length))).toContain(256);
  expect(cases.some(({ max_length, ids }) => max_length === 256 && ids.length === 256)).toBe(true);
  expect(cases.some(({ max_length, ids }) => max_length === 2 && ids.length === 2)).toBe(true);
});

test('every text has the ids of the Python tokenizer, truncation included', () => {
  const different = cases.filter(({ text, max_length, ids }) => {
    const actual = tokenizer.encode(text, max_length).ids;
    return actual.length !== ids.length || actual.some((id, i) => id !== ids[i]);
  });
  expect(different.map(({ text, max_length }) => [text.slice(0, 60), max_length])).toEqual([]);
});

test('a text is truncated when ids were cut off, and only then', () => {
  const whole = new Map<string, number>();
  for (const { text } of cases) whole.set(text, tokenizer.encode(text, 1e6).ids.length);
  for (const { text, max_length } of cases) {
    expect(tokenizer.encode(text, max_length).truncated).toBe(whole.get(text)! > max_length);
  }
});
