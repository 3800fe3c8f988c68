import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readWeights } from '../../src/formats/weights.ts';
import { catchError } from '../fixtures/caught.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hubwright-weights-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A safetensors file of float32 scalars in vectors of one. */
function writeShard(file: string, names: readonly string[]): void {
  const entries = names.map((name, i) => [
    name,
    { dtype: 'F32', shape: [1], data_offsets: [4 * i, 4 * i + 4] },
  ]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(join(dir, file), Buffer.concat([length, header, Buffer.alloc(4 * names.length)]));
}

function writeIndex(map: unknown): void {
  writeFileSync(join(dir, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
}

const A = 'model-00001-of-00002.safetensors';
const B = 'model-00002-of-00002.safetensors';

test('one file needs no index, and wins over one', async () => {
  writeShard('model.safetensors', ['a']);
  writeIndex({ a: A });
  const { tensors, files } = await readWeights(dir);
  expect(files).toEqual(['model.safetensors']);
  expect(tensors.get('a')?.file).toBeUndefined();
});

test('shards are read together, and each tensor knows its own', async () => {
  writeShard(A, ['a', 'c']);
  writeShard(B, ['b']);
  writeIndex({ a: A, b: B, c: A });
  const { tensors, files } = await readWeights(dir);
  expect(files).toEqual([A, B]);
  expect([...tensors].map(([name, { file }]) => [name, file])).toEqual([
    ['a', A],
    ['c', A],
    ['b', B],
  ]);
});

describe('an index is refused', () => {
  test.each<[string, unknown, RegExp]>([
    [
      'that does not name a tensor of a shard',
      { a: A, b: B },
      /tensor c is in .*, and the index does not name it/,
    ],
    [
      'that puts one elsewhere',
      { a: A, b: B, c: B },
      /tensor c is in model-00001.*says that it is in model-00002/,
    ],
    ['that names one that is nowhere', { a: A, b: B, c: A, d: B }, /tensor d is not in model-00002/],
    ['with a path', { a: '../model.safetensors' }, /is not the name of a shard/],
    ['with another kind of file', { a: 'pytorch_model.bin' }, /is not the name of a shard/],
    ['without a map', 7, /weight_map does not map/],
    ['without a shard', {}, /names no shard/],
    [
      'of too many shards',
      Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`t${i}`, `m${i}.safetensors`])),
      /names 1001 shards; at most 1000/,
    ],
  ])('%s', async (_, map, message) => {
    writeShard(A, ['a', 'c']);
    writeShard(B, ['b']);
    writeIndex(map);
    const error = await catchError(() => readWeights(dir));
    expect(error.code).toBe('INPUT_INVALID');
    expect(error.message).toMatch(message);
  });

  test('whose shard is not there', async () => {
    writeIndex({ a: A });
    expect((await catchError(() => readWeights(dir))).code).toBe('INPUT_MISSING');
  });
});
