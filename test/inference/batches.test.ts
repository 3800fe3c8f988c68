import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeEqual, packBatch, planBatches, type Sequence } from '../../src/inference/batches.ts';

const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3000 })), {
  maxLength: 200,
});
const toSequences = (sizes: readonly number[]): Sequence[] =>
  sizes.map((size, row) => ({ ids: Array<number>(size).fill(row), rows: [row] }));

describe('batches', () => {
  test('hold every sequence exactly once', () => {
    fc.assert(
      fc.property(lengths, (sizes) => {
        const sequences = toSequences(sizes);
        const planned = planBatches(sequences).flat();
        expect(planned.length).toBe(sequences.length);
        expect(new Set(planned)).toEqual(new Set(sequences));
      }),
    );
  });

  test('stay within 1024 tokens, but for one long sequence alone, and 3 % of padding', () => {
    fc.assert(
      fc.property(lengths, (sizes) => {
        for (const batch of planBatches(toSequences(sizes))) {
          const longest = Math.max(...batch.map(({ ids }) => ids.length));
          const area = longest * batch.length;
          const tokens = batch.reduce((sum, { ids }) => sum + ids.length, 0);
          if (batch.length > 1) expect(area).toBeLessThanOrEqual(1024);
          expect((area - tokens) / area).toBeLessThanOrEqual(0.03);
        }
      }),
    );
  });

  test('do not depend on the order of the sequences', () => {
    const shapes = (sizes: readonly number[]) =>
      planBatches(toSequences(sizes)).map((b) => b.map(({ ids }) => ids.length));
    fc.assert(
      fc.property(lengths, (sizes) => {
        expect(shapes([...sizes].reverse())).toEqual(shapes(sizes));
      }),
    );
  });

  test('are filled: rows of one length share a batch', () => {
    expect(planBatches(toSequences(Array<number>(20).fill(100))).map((batch) => batch.length)).toEqual([
      10, 10,
    ]);
  });

  test('of nothing are none', () => {
    expect(planBatches([])).toEqual([]);
  });
});

test('equal sequences are merged, with every row that they stand in', () => {
  const merged = mergeEqual([[1, 2], [12], [1, 2], [], [1, 2, 3], [12]]);
  expect(merged).toEqual([
    { ids: [1, 2], rows: [0, 2] },
    { ids: [12], rows: [1, 5] },
    { ids: [], rows: [3] },
    { ids: [1, 2, 3], rows: [4] },
  ]);
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
