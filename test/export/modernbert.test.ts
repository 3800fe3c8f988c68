import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeCheckpoint } from '../../src/checkpoint/index.ts';
import { buildOnnx } from '../../src/export/index.ts';
import type { JsonObject } from '../../src/formats/json.ts';
import { openSession } from '../../src/inference/session.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { TINY_CONFIG, tinyHeader, tinyTensors, writeTiny } from '../fixtures/tiny-checkpoint.ts';
import { largestDifference, toBatch } from './batch.ts';

const WIDTH = 8;
const ids = Array.from({ length: 12 }, (_, i) => ((i * 7) % 10) + 1);
const ones = ids.map(() => 1);

/** Runs the tiny encoder; one array of hidden values a token, row by row, and one logit a row. */
async function run(
  inputIds: number[][],
  mask: number[][],
  change: JsonObject = {},
  pooling: 'mean' | 'cls' = 'mean',
) {
  const dir = makeTempDir();
  const checkpoint = describeCheckpoint(tinyHeader(), { ...TINY_CONFIG, ...change });
  writeFileSync(join(dir, 'model.safetensors'), writeTiny(tinyTensors()));
  writeFileSync(join(dir, 'model.onnx'), buildOnnx(checkpoint, { pooling, hiddenState: true }));
  const session = await openSession(join(dir, 'model.onnx'));
  const { logits, last_hidden_state } = await session.run(toBatch(inputIds, mask), [
    'logits',
    'last_hidden_state',
  ]);
  await session.release();
  const tokens = Array.from({ length: last_hidden_state!.length / WIDTH }, (_, i) =>
    last_hidden_state!.slice(i * WIDTH, (i + 1) * WIDTH),
  );
  return { tokens, logits: [...logits!] };
}

/** The positions whose hidden state changes with the token at `position`. */
async function findInfluenced(
  position: number,
  change: JsonObject,
  tokens = ids,
  mask = tokens.map(() => 1),
) {
  const other = tokens.with(position, tokens[position] === 10 ? 9 : 10);
  const before = (await run([tokens], [mask], change)).tokens;
  const after = (await run([other], [mask], change)).tokens;
  return tokens.map((_, i) => i).filter((i) => largestDifference(before[i]!, after[i]!) > 1e-6);
}

const layers = (...types: string[]): JsonObject => ({
  layer_types: types.map((type) => `${type}_attention`),
});

describe('a token is seen', () => {
  test('by every position, through a global layer', async () => {
    expect(await findInfluenced(6, layers('full', 'sliding'))).toEqual(ids.map((_, i) => i));
  });

  test.each([
    ['of radius 1', 2, [4, 5, 6, 7, 8]],
    ['of radius 2', 4, [2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['of radius 2, by an odd window', 5, [2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['of radius 0', 1, [6]],
  ])('within twice the radius, through two local layers %s', async (_, local_attention, positions) => {
    expect(await findInfluenced(6, { ...layers('sliding', 'sliding'), local_attention })).toEqual(positions);
  });

  test('by itself only, when it is masked', async () => {
    const mask = ones.with(6, 0);
    expect(await findInfluenced(6, layers('full', 'full'), ids, mask)).toEqual([6]);
  });
});

/** Beyond 384 tokens, local layers work in blocks; with small windows a block has 64 queries. */
describe('in a row that is cut into blocks, a token is seen', () => {
  const long = Array.from({ length: 450 }, (_, i) => ((i * 7 + (i >> 3)) % 10) + 1);
  const window = { ...layers('sliding', 'sliding'), local_attention: 4 };
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  test.each([
    [0, range(0, 4)],
    [63, range(59, 67)],
    [64, range(60, 68)],
    [200, range(196, 204)],
    [447, range(443, 449)],
    [449, range(445, 449)],
  ])('from position %i within the window only', async (position, positions) => {
    expect(await findInfluenced(position, window, long)).toEqual(positions);
  });

  test('by nobody else when it is masked', async () => {
    expect(
      await findInfluenced(
        64,
        window,
        long,
        long.map((_, i) => (i === 64 ? 0 : 1)),
      ),
    ).toEqual([64]);
  });
});

describe('a row has the same hidden states in blocks as without', () => {
  const row = Array.from({ length: 300 }, (_, i) => ((i * 3 + (i >> 2)) % 10) + 1);
  const holes = row.map((_, i) => (i > 100 && i < 120 ? 0 : 1));
  const fill = (n: number, value: number) => Array<number>(n).fill(value);

  test.each([
    ['window 4', 4],
    ['window 7', 7],
    ['window 1', 1],
    ['window 200, wider than a block', 200],
  ])('padded on either side, with masked tokens inside: %s', async (_, local_attention) => {
    const change = { ...layers('sliding', 'full'), local_attention };
    const dense = await run([row], [holes], change);
    for (const length of [385, 448, 449, 512]) {
      const gap = length - row.length;
      const blocked = await run(
        [
          [...row, ...fill(gap, 9)],
          [...fill(gap, 3), ...row],
        ],
        [
          [...holes, ...fill(gap, 0)],
          [...fill(gap, 0), ...holes],
        ],
        change,
      );
      for (const [i, token] of dense.tokens.entries()) {
        if (holes[i] === 0) continue;
        expect(largestDifference(blocked.tokens[i]!, token)).toBeLessThan(1e-5);
        expect(largestDifference(blocked.tokens[length + gap + i]!, token)).toBeLessThan(1e-5);
      }
      expect(largestDifference(blocked.logits, fill(2, dense.logits[0]!))).toBeLessThan(1e-5);
    }
  });
});

describe('the logit', () => {
  test('does not depend on padding, on either side, or on what stands there', async () => {
    const alone = (await run([ids], [ones])).logits[0]!;
    const zeros = [0, 0, 0, 0, 0];
    const padded = await run(
      [
        [...ids, 9, 3, 3, 1, 0],
        [4, 0, 0, 9, 9, ...ids],
      ],
      [
        [...ones, ...zeros],
        [...zeros, ...ones],
      ],
    );
    expect(padded.logits[0]).toBeCloseTo(alone, 5);
    expect(padded.logits[1]).toBeCloseTo(alone, 5);
  });

  test('does not depend on the other rows of a batch', async () => {
    const other = [...ids].reverse();
    const together = await run([ids, other, ids], [ones, ones, ones]);
    expect(together.logits[0]).toBeCloseTo((await run([ids], [ones])).logits[0]!, 6);
    expect(together.logits[1]).toBeCloseTo((await run([other], [ones])).logits[0]!, 6);
    expect(together.logits[2]).toBe(together.logits[0]);
  });

  test('depends on the order of tokens', async () => {
    const swapped = ids.with(2, ids[3]!).with(3, ids[2]!);
    const [a, b] = [await run([ids], [ones]), await run([swapped], [ones])];
    expect(Math.abs(a.logits[0]! - b.logits[0]!)).toBeGreaterThan(1e-5);
  });

  test.each(['mean', 'cls'] as const)('is the head on the pooled state: %s', async (pooling) => {
    const { tokens, logits } = await run([ids], [ones.with(11, 0)], {}, pooling);
    const pooled = Array.from({ length: WIDTH }, (_, i) =>
      pooling === 'cls'
        ? tokens[0]![i]!
        : tokens.slice(0, 11).reduce((sum, token) => sum + token[i]!, 0) / 11,
    );
    const file = writeTiny(tinyTensors());
    // The head is the last of the file: eight weights and the bias.
    const head = Array.from({ length: 9 }, (_, i) => file.readFloatLE(file.length - 36 + 4 * i));
    const expected = pooled.reduce((sum, value, i) => sum + value * head[i]!, head[8]!);
    expect(logits[0]).toBeCloseTo(expected, 5);
  });

  test('of a row without any token is the bias of the head, not NaN', async () => {
    const { logits } = await run([ids], [ones.map(() => 0)]);
    const file = writeTiny(tinyTensors());
    expect(logits[0]).toBeCloseTo(file.readFloatLE(file.length - 4), 6);
  });
});
