import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HubwrightError } from '../../src/errors.ts';
import { DTYPE_BYTES, type Dtype, readSafetensorsHeader } from '../../src/formats/safetensors.ts';
import { catchError } from '../fixtures/caught.ts';
import { type TensorSource, writeRawSafetensors, writeSafetensors } from '../fixtures/safetensors-writer.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

function writeFile(bytes: Buffer): string {
  const path = join(makeTempDir(), 'model.safetensors');
  writeFileSync(path, bytes);
  return path;
}

const tensor: fc.Arbitrary<TensorSource> = fc
  .record({
    name: fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => name !== '__metadata__'),
    dtype: fc.constantFrom(...(Object.keys(DTYPE_BYTES) as Dtype[])),
    shape: fc.array(fc.nat(4), { maxLength: 4 }),
  })
  .map(({ name, dtype, shape }) => {
    const length = shape.reduce((product, dim) => product * dim, DTYPE_BYTES[dtype]);
    return { name, dtype, shape, bytes: Buffer.alloc(length, 7) };
  });

describe('a well-formed file', () => {
  test('is read back as it was written', async () => {
    const path = writeFile(Buffer.alloc(0));
    const files = fc.record({
      tensors: fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 8 }),
      metadata: fc.option(fc.dictionary(fc.string(), fc.string()), { nil: undefined }),
      padding: fc.nat(8),
    });
    await fc.assert(
      fc.asyncProperty(files, async ({ tensors, metadata, padding }) => {
        const plain = writeSafetensors(tensors, metadata);
        const headerLength = Number(plain.readBigUInt64LE(0));
        // Writers align the data by spaces behind the JSON.
        const json = plain.toString('utf8', 8, 8 + headerLength) + ' '.repeat(padding);
        const bytes = writeRawSafetensors(json, plain.subarray(8 + headerLength));
        writeFileSync(path, bytes);
        const header = await readSafetensorsHeader(path);
        expect(header.dataStart).toBe(8 + headerLength + padding);
        expect(header.metadata).toEqual(metadata ?? {});
        expect(header.tensors.size).toBe(tensors.length);
        let offset = header.dataStart;
        for (const { name, dtype, shape, bytes: data } of tensors) {
          expect(header.tensors.get(name)).toEqual({ name, dtype, shape, offset, byteLength: data.length });
          offset += data.length;
        }
      }),
    );
  });
});

const F32 = (begin: number, end: number, shape: unknown = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});
/** A file of the given header over `dataBytes` bytes of data. */
const file = (header: unknown, dataBytes = 0) =>
  writeRawSafetensors(typeof header === 'string' ? header : JSON.stringify(header), Buffer.alloc(dataBytes));
const good = file({ 'a.weight': F32(0, 8), 'b.weight': F32(8, 16) }, 16);

const HOSTILE: Record<string, [bytes: Buffer, message: RegExp]> = {
  'an empty file': [Buffer.alloc(0), /has 0 bytes/],
  'a header length alone': [Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), /has 8 bytes/],
  'a header of 10 GB': [
    writeRawSafetensors('{}', Buffer.alloc(0), 10_000_000_000n),
    /header of 10000000000 bytes/,
  ],
  'a header of 2^64 - 1 bytes': [
    writeRawSafetensors('{}', Buffer.alloc(0), 2n ** 64n - 1n),
    /18446744073709551615/,
  ],
  'a header longer than the file': [
    writeRawSafetensors('{}', Buffer.alloc(0), 50n),
    /50 bytes .* only 10 bytes/,
  ],
  'a file cut inside the header': [good.subarray(0, 40), /only 40 bytes/],
  'a file cut inside the data': [
    good.subarray(0, good.length - 1),
    /truncated: tensor b\.weight ends at byte/,
  ],
  'a file without its data': [good.subarray(0, good.length - 16), /truncated: tensor a\.weight/],
  'bytes behind the last tensor': [
    Buffer.concat([good, Buffer.alloc(3)]),
    /has 3 bytes behind its last tensor/,
  ],
  'data without any tensor': [file({}, 4), /has 4 bytes behind/],
  'a gap': [
    file({ a: F32(0, 4), b: F32(8, 12) }, 12),
    /tensor b: begins at byte 124 .* before it ends at byte 120: .* no tensor/,
  ],
  'a gap before the first tensor': [
    file({ a: F32(4, 8) }, 8),
    /tensor a: begins at byte 66 .* the header ends at byte 62: .* no tensor/,
  ],
  'an overlap': [
    file({ a: F32(0, 8), b: F32(4, 12) }, 12),
    /tensor b: begins at byte \d+ .* ends at byte \d+: they overlap/,
  ],
  'two tensors at one place': [
    file({ a: F32(0, 8), b: F32(0, 8) }, 8),
    /tensor b: begins at byte \d+ .* ends at byte \d+: they overlap/,
  ],
  'offsets beyond the file': [file({ a: F32(0, 4000) }, 8), /truncated: tensor a ends at byte/],
  'offsets in the wrong order': [
    file({ a: { dtype: 'F32', shape: [1], data_offsets: [4, 0] } }, 4),
    /tensor a: .* hold -4/,
  ],
  'a negative offset': [file({ a: F32(-4, 0) }), /tensor a: data_offsets\.0/],
  'an offset that is no integer': [file({ a: F32(0.5, 4.5) }, 8), /tensor a: data_offsets\.0/],
  'an offset beyond 2^53': [file({ a: F32(0, 2 ** 60, [1]) }, 4), /tensor a: data_offsets\.1/],
  'one offset': [file({ a: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 4), /tensor a: data_offsets/],
  'a shape that does not fit its bytes': [
    file({ a: F32(0, 8, [3]) }, 8),
    /F32 \[3\] takes 12 bytes, its offsets 0 to 8 hold 8/,
  ],
  'a shape of 2^40 by 2^40': [
    file({ a: F32(0, 4, [2 ** 40, 2 ** 40]) }, 4),
    /tensor a: F32 \[1099511627776, 1099511627776\]/,
  ],
  'a shape whose product overflows and is multiplied by 0': [
    file({ a: F32(0, 0, [...Array(15).fill(2 ** 52), 0]) }),
    /tensor a: .* more bytes than any file/,
  ],
  'a negative dimension': [file({ a: F32(0, 4, [-1]) }, 4), /tensor a: shape\.0/],
  'a dimension that is no integer': [file({ a: F32(0, 4, [1.5]) }, 4), /tensor a: shape\.0/],
  'a shape of text': [file({ a: F32(0, 4, '[1]') }, 4), /tensor a: shape/],
  'a shape of 17 dimensions': [file({ a: F32(0, 4, Array(17).fill(1)) }, 4), /tensor a: shape/],
  'an unknown dtype': [
    file({ a: { dtype: 'F12', shape: [1], data_offsets: [0, 4] } }, 4),
    /tensor a: dtype: "F12" is none of BOOL/,
  ],
  'a dtype by the name of an object property': [
    file({ a: { dtype: 'toString', shape: [1], data_offsets: [0, 4] } }, 4),
    /tensor a: dtype/,
  ],
  'a dtype nested deeper than the stack': [
    file(`{"a":{"dtype":${'['.repeat(200_000)}${']'.repeat(200_000)},"shape":[],"data_offsets":[0,4]}}`, 4),
    /tensor a: dtype/,
  ],
  'a tensor without dtype': [file({ a: { shape: [1], data_offsets: [0, 4] } }, 4), /tensor a: dtype/],
  'an unknown key in an entry': [file({ a: { ...F32(0, 4), stride: 1 } }, 4), /tensor a: .*stride/],
  'a tensor that is null': [file({ a: null }), /tensor a: /],
  'a tensor named __proto__ without entry': [file('{"__proto__": 1}'), /tensor __proto__/],
  'metadata that is a list': [file({ __metadata__: [] }), /__metadata__ must map strings to strings/],
  'metadata with a number': [
    file({ __metadata__: { format: 1 } }),
    /__metadata__ must map strings to strings/,
  ],
  'a header that is a list': [file('[]'), /header that is not JSON/],
  'a header that is cut JSON': [file('{"a": '), /header that is not JSON/],
  'a header with bytes that are not UTF-8': [
    writeRawSafetensors(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x30, 0x7d]), Buffer.alloc(0)),
    /header that is not JSON/,
  ],
  'a header nested deeper than the stack': [
    file(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
    /tensor a/,
  ],
  'a git-LFS pointer': [
    Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 598635032\n`),
    /is a git-LFS pointer, not the weights/,
  ],
};

describe('a hostile file', () => {
  test.each(Object.entries(HOSTILE))('%s is refused', async (_, [bytes, message]) => {
    const error = await catchError(readSafetensorsHeader(writeFile(bytes)));
    expect(error.code).toBe('INPUT_INVALID');
    expect(error.message).toMatch(/^model\.safetensors:? /);
    expect(error.message).toMatch(message);
    expect(error.hint).toBeDefined();
  });

  test('every truncation of a good file is refused', async () => {
    const path = writeFile(good);
    for (let length = 0; length < good.length; length++) {
      writeFileSync(path, good.subarray(0, length));
      expect((await catchError(readSafetensorsHeader(path))).code).toBe('INPUT_INVALID');
    }
  });

  test.each([
    ['model.safetensors', 'it is not there'],
    ['', 'it is a folder'],
  ])('a file that is none is reported: "%s"', async (name, why) => {
    const path = join(makeTempDir(), name);
    const error = await catchError(readSafetensorsHeader(path));
    expect([error.code, error.message]).toEqual(['INPUT_MISSING', `${path} cannot be read: ${why}`]);
  });

  test('any bytes give a header or a HubwrightError, never anything else', async () => {
    const path = writeFile(good);
    const changed = fc
      .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((edits) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of edits) bytes[at] = value;
        return bytes;
      });
    const anyJson = fc.json().map((json) => file(json, 4));
    const anyEntry = fc
      .object({ key: fc.constantFrom('dtype', 'shape', 'data_offsets') })
      .map((a) => file({ a }, 4));
    const anyBytes = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, anyJson, anyEntry, anyBytes), async (bytes) => {
        writeFileSync(path, bytes);
        const outcome = await readSafetensorsHeader(path).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(HubwrightError);
      }),
      { numRuns: 500 },
    );
  });
});
