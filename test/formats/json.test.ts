import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HubwrightError } from '../../src/errors.ts';
import { formatJson, parseJson, parseJsonObject, readJsonObject } from '../../src/formats/json.ts';
import { catchError } from '../fixtures/caught.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

const BAD: [text: string, message: RegExp][] = [
  ['{\n  "mse": 0.02,\n  "r2": NaN\n}', /^m\.json, line 3, column 9: holds NaN, which is not JSON$/],
  ['{"r2": Infinity}', /line 1, column 8: holds Infinity,/],
  ['{"r2": -Infinity}', /line 1, column 8: holds -Infinity,/],
  ['{"r": [0.1,\nNaN]}', /line 2, column 1: holds NaN/],
  ['\uFEFF{\n"r2": NaN}', /line 2, column 7: holds NaN/],
  // NaN where it is allowed, and another fault nearby.
  ['{"NaN": tru}', /line 1, column 9: is not valid JSON$/],
  ['{"a": 1,}', /line 1, column 9: is not valid JSON$/],
  ['{"a":\n', /line 2, column 1: is not valid JSON|line 1, column 6: is not valid JSON/],
  ["{'a': 1}", /line 1, column 2: /],
  ['{// why\n}', /line 1, column 2: /],
  ['{} {}', /line 1, column 4: /],
  ['', /line 1, column 1: is not valid JSON/],
  ['['.repeat(300_000), /is not valid JSON/],
  ['['.repeat(101) + ']'.repeat(101), /^m\.json nests more than 100 lists and objects$/],
  [`{"a":${'['.repeat(300_000)}${']'.repeat(300_000)}}`, /nests more than 100/],
];

test.each(BAD.map(([text, message]) => ({ start: text.slice(0, 24), text, message })))(
  '$start is refused with its place',
  async ({ text, message }) => {
    const error = await catchError(() => parseJson(text, 'm.json'));
    expect(error.code).toBe('INPUT_INVALID');
    expect(error.message).toMatch(message);
  },
);

test('a metric that is NaN comes with the way out', async () => {
  const error = await catchError(() => parseJson('{"r2": NaN}', 'm.json'));
  expect(error.hint).toMatch(/compute it again, or write null/);
});

test('a byte order mark is no fault', () => {
  expect(parseJson('\uFEFF{"a": [1e-3, null]}', 'm.json')).toEqual({ a: [0.001, null] });
});

test.each([
  ['[]', 'a list'],
  ['null', 'null'],
  ['"a"', 'a string'],
  ['1', 'a number'],
])('%s is not the object that was expected', async (text, found) => {
  const error = await catchError(() => parseJsonObject(text, 'm.json'));
  expect(error.message).toBe(`m.json holds ${found}; an object { … } was expected`);
});

test('a file that is not there is named with its path', async () => {
  const path = join(makeTempDir(), 'test_metrics.json');
  const error = await catchError(readJsonObject(path));
  expect([error.code, error.message]).toEqual(['INPUT_MISSING', `${path} cannot be read: it is not there`]);
});

test('what formatJson writes is read back, from a file too', async () => {
  const path = join(makeTempDir(), 'a.json');
  const object = fc.dictionary(fc.string(), fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(object, async (value) => {
      writeFileSync(path, formatJson(value));
      expect(JSON.stringify(await readJsonObject(path))).toBe(JSON.stringify(value));
    }),
  );
});

test('any text gives a value or a HubwrightError', async () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '1', 'NaN', '-') }),
  );
  await fc.assert(
    fc.asyncProperty(text, async (content) => {
      try {
        parseJson(content, 'm.json');
      } catch (error) {
        expect(error).toBeInstanceOf(HubwrightError);
      }
    }),
  );
});
