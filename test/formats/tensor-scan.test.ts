import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Dtype, TensorEntry } from '../../src/formats/safetensors.ts';
import { DTYPE_BYTES } from '../../src/formats/safetensors.ts';
import { watchTensors } from '../../src/formats/tensor-scan.ts';

interface Given {
  dtype: Dtype;
  bytes: Buffer;
}

/** Feeds tensors laid out one after the other behind a header of `start` bytes, in chunks of the given sizes. */
function scan(given: readonly Given[], start: number, sizes: readonly number[]) {
  let offset = start;
  const entries = given.map(({ dtype, bytes }, i): TensorEntry => {
    const entry = {
      name: `t${i}`,
      dtype,
      shape: [bytes.length / DTYPE_BYTES[dtype]],
      offset,
      byteLength: bytes.length,
    };
    offset += bytes.length;
    return entry;
  });
  const file = Buffer.concat([Buffer.alloc(start, 0xff), ...given.map(({ bytes }) => bytes)]);
  const { watch, facts } = watchTensors(entries);
  for (let at = 0, i = 0; at < file.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    watch(file.subarray(at, at + size));
    at += size;
  }
  return facts();
}

const floats = (values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const doubles = (values: number[]) => Buffer.from(Float64Array.from(values).buffer);

test('counts what is not finite as Number.isFinite does, however the file is cut', () => {
  const anything = fc.array(
    fc.oneof(fc.double(), fc.float(), fc.constantFrom(Number.NaN, Infinity, -Infinity)),
    {
      minLength: 1,
      maxLength: 40,
    },
  );
  const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(anything, anything, fc.nat(9), cuts, (single, double, start, sizes) => {
      const narrow = [...Float32Array.from(single)];
      const facts = scan(
        [
          { dtype: 'F32', bytes: floats(single) },
          { dtype: 'F64', bytes: doubles(double) },
        ],
        start,
        sizes,
      );
      for (const [i, values] of [narrow, double].entries()) {
        expect(facts[i]).toEqual({
          name: `t${i}`,
          nonFinite: values.filter((value) => !Number.isFinite(value)).length,
          firstNonFinite: values.findIndex((value) => !Number.isFinite(value)),
          constant: values.every((value) => Object.is(value, values[0])),
        });
      }
    }),
  );
});

const HALVES: [Dtype, number[], number][] = [
  ['F16', [0x3c00, 0x7c00, 0xfc01, 0x7bff], 2],
  ['BF16', [0x3f80, 0x7f80, 0xff81, 0x7f7f], 2],
];
test.each(HALVES)('%s: all exponent bits set', (dtype, words, count) => {
  const bytes = Buffer.from(Uint16Array.from(words).buffer);
  expect(scan([{ dtype, bytes }], 3, [3])).toEqual([
    { name: 't0', nonFinite: count, firstNonFinite: 1, constant: false },
  ]);
});

test.each([
  ['F8_E5M2', [0x3c, 0x7c, 0x7f, 0x7b], 2],
  ['F8_E4M3', [0x38, 0x7f, 0xff, 0x7e], 2],
  ['I64', [255, 255, 255, 255, 255, 255, 255, 255], 0],
] as [Dtype, number[], number][])('%s', (dtype, bytes, count) => {
  expect(scan([{ dtype, bytes: Buffer.from(bytes) }], 0, [64])[0]?.nonFinite).toBe(count);
});
