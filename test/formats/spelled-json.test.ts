import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSpelledJson, parseSpelledJson, spellFloat } from '../../src/formats/spelled-json.ts';
import { catchError } from '../fixtures/caught.ts';

test.each(['2.0', '2', '1e-05', '-0.0', '1E+2', '0.10', '12345678901234567890', '160000.0'])(
  'the number %s comes back as it was spelt',
  (number) => {
    const text = `{\n  "a": ${number}\n}\n`;
    expect(formatSpelledJson(parseSpelledJson(text, 'c.json'))).toBe(text);
  },
);

test.each([
  [5000, '5000.0'],
  [300.5, '300.5'],
  [1e-5, '0.00001'],
  [0, '0.0'],
  [1e21, '1e+21'],
])('%s is spelt %s, a float for Python', (value, text) => {
  expect(formatSpelledJson({ a: spellFloat(value) })).toBe(`{\n  "a": ${text}\n}\n`);
});

test('any JSON object keeps its values', () => {
  const safe = fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(safe, (value) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(JSON.parse(formatSpelledJson(parseSpelledJson(text, 'c.json'))))).toBe(
        JSON.stringify(JSON.parse(text)),
      );
    }),
  );
});

test('a byte order mark is no fault, and a key given twice is', async () => {
  expect(formatSpelledJson(parseSpelledJson('\uFEFF{}', 'c.json'))).toBe('{}\n');
  const error = await catchError(() => parseSpelledJson('{"a": 1, "a": 2}', 'c.json'));
  expect([error.code, error.message]).toEqual(['INPUT_INVALID', expect.stringMatching(/^c\.json: .*"?a"?/)]);
});
