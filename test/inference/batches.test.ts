import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupByLength, groupPadded, packBatch } from '../../src/inference/batches.ts';
import { createSequences } from '../../src/inference/sequences.ts';

const lengths = fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 80 });

function store(of: readonly number[]) {
  const sequences = createSequences();
  for (const [i, length] of of.entries())
    sequences.add([i, ...Array.from({ length: length - 1 }, (_, k) => k)]);
  return sequences;
}

test.each([
  ['by length', groupByLength],
  ['padded', groupPadded],
])('grouping %s places every sequence once', (_, group) => {
  fc.assert(
    fc.property(lengths, (of) => {
      const sequences = store(of);
      const all = [...Array(sequences.count).keys()];
      expect(
        group(sequences, all)
          .flat()
          .sort((a, b) => a - b),
      ).toEqual(all);
    }),
  );
});

test('on the CPU nothing is padded, and nobody is alone who has company and room for it', () => {
  fc.assert(
    fc.property(lengths, (of) => {
      const sequences = store(of);
      const groups = groupByLength(sequences, Array(sequences.count).keys());
      for (const group of groups) {
        const length = sequences.length(group[0] ?? 0);
        expect(group.map((sequence) => sequences.length(sequence))).toEqual(group.map(() => length));
        const same = of.filter((other) => other === length).length;
        if (group.length === 1 && length <= 256) expect(same).toBe(1);
        if (length > 256) expect(group.length).toBe(1);
      }
    }),
  );
});

test('equal rows share a sequence, and digests are those of the ids', () => {
  const sequences = createSequences();
  expect([[5, 6], [7], [5, 6], []].map((ids) => sequences.add(ids))).toEqual([0, 1, 0, 2]);
  expect([sequences.rows, sequences.count, sequences.tokens]).toEqual([4, 3, 3]);
  expect([0, 1, 2, 3].map((row) => sequences.ofRow(row))).toEqual([0, 1, 0, 2]);
  expect([...sequences.ids(0)]).toEqual([5, 6]);
  // sha256 of the bytes 05 00 00 00 06 00 00 00, by sha256sum.
  expect(Buffer.from(sequences.digest(0), 'latin1').toString('hex')).toBe(
    'f1833c11f88585608c320b53224d2642b97af5fdb9cae59c13fcab53f37c4b06',
  );
});

test('what is stored comes back, over the borders of blocks too', () => {
  const sequences = createSequences();
  const long = Array.from({ length: 300_000 }, (_, i) => i);
  const rows = [[1, 2], long, [3], long.map((id) => id + 1), [4, 5, 6]];
  for (const row of rows) sequences.add(row);
  for (const [i, row] of rows.entries()) expect([...sequences.ids(i)]).toEqual(row);
});

test('rows of one length fill a batch', () => {
  const sequences = store(Array<number>(12).fill(100));
  expect(groupByLength(sequences, Array(12).keys()).map(({ length }) => length)).toEqual([5, 5, 2]);
  // Six, for nobody of eleven may be left alone.
  expect(groupByLength(sequences, Array(11).keys()).map(({ length }) => length)).toEqual([5, 6]);
});

test('padded batches stay within 16,384 tokens and a tenth of padding, and nothing gives none', () => {
  fc.assert(
    fc.property(lengths, (of) => {
      const sequences = store(of);
      for (const group of groupPadded(sequences, Array(sequences.count).keys())) {
        const sizes = group.map((sequence) => sequences.length(sequence));
        const area = Math.max(...sizes) * group.length;
        if (group.length > 1) expect(area).toBeLessThanOrEqual(16_384);
        expect(1 - sizes.reduce((a, b) => a + b) / area).toBeLessThanOrEqual(0.1);
      }
    }),
  );
  expect(groupPadded(store([]), [])).toEqual([]);
});

describe('a packed batch', () => {
  test('is padded on the right, and the mask tells', () => {
    expect(packBatch([[1, 5, 2], [7]], 9)).toEqual({
      rows: 2,
      length: 3,
      inputIds: BigInt64Array.from([1n, 5n, 2n, 7n, 9n, 9n]),
      attentionMask: BigInt64Array.from([1n, 1n, 1n, 1n, 0n, 0n]),
    });
  });

  test('of an empty text has one column of padding', () => {
    expect(packBatch([[]], 9)).toEqual({
      rows: 1,
      length: 1,
      inputIds: BigInt64Array.from([9n]),
      attentionMask: BigInt64Array.from([0n]),
    });
  });

  test('keeps a token that is the padding token', () => {
    expect([...packBatch([[9, 9], [1]], 9).attentionMask]).toEqual([1n, 1n, 1n, 0n]);
  });
});
