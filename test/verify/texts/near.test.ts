import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findNearRows } from '../../../src/verify/texts/near-search.ts';
import { normaliseText } from '../../../src/verify/texts/normalise.ts';
import { createSketches, estimateSimilarity, SMALLEST } from '../../../src/verify/texts/sketch.ts';

const sketch = (texts: readonly string[]) => {
  const sketches = createSketches();
  for (const text of texts) sketches.add(text);
  return sketches.done();
};
/** Runs of five words, as sets of strings: what the sketches stand for. */
function shingles(text: string): Set<string> {
  const words = text.split(' ').filter((word) => word !== '');
  const length = Math.min(5, words.length);
  return new Set(
    words.length === 0
      ? []
      : words.slice(0, words.length - length + 1).map((_, i) => words.slice(i, i + length).join(' ')),
  );
}
function jaccard(a: string, b: string): number {
  const [x, y] = [shingles(a), shingles(b)];
  const both = [...x].filter((one) => y.has(one)).length;
  return both / Math.max(1, x.size + y.size - both);
}
const words = fc
  .array(fc.constantFrom(...'abcdefghij'), { minLength: 5, maxLength: 60 })
  .map((list) => list.join(' '));

test('of texts that are shorter than a sketch the similarity is exact', () => {
  fc.assert(
    fc.property(words, words, (a, b) => {
      const sketches = sketch([a, b]);
      expect(estimateSimilarity(sketches.smallest(0), sketches.smallest(1))).toBeCloseTo(jaccard(a, b), 12);
    }),
  );
});

test('of longer texts it is near', () => {
  const text = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => `w${from + i}`).join(' ');
  for (const shift of [20, 100, 300]) {
    const [a, b] = [text(0, 1000), text(shift, 1000 + shift)];
    const sketches = sketch([a, b]);
    expect(sketches.smallest(0)).toHaveLength(SMALLEST);
    expect(
      Math.abs(estimateSimilarity(sketches.smallest(0), sketches.smallest(1)) - jaccard(a, b)),
    ).toBeLessThan(0.13);
  }
});

test('a row with one word changed is found among others, and nothing else is', () => {
  let state = 3;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return `w${state % 5000}`;
  };
  const others = Array.from({ length: 500 }, () => Array.from({ length: 120 }, next).join(' '));
  const own = [others[7]!.replace(/ \w+$/, ' changed'), Array.from({ length: 120 }, next).join(' '), ''];
  const found = findNearRows(sketch(own), sketch(others), 0.8);
  expect(found.map(({ row, other }) => [row, other])).toEqual([[0, 7]]);
  expect(found[0]?.similarity).toBeGreaterThan(0.9);
});

test('normalising sets case, punctuation, spaces and compatibility forms aside, and no letter', () => {
  expect(normaliseText(' Größe:\t„ﬁve“,  東京!! ')).toBe('größe five 東京');
  expect(normaliseText('a-b')).toBe(normaliseText('A  B'));
  expect(normaliseText('1.5')).not.toBe(normaliseText('15'));
});
