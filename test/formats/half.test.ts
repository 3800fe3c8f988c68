import { expect, test } from 'vitest';
import { decodeBfloat16, decodeFloat16, encodeFloat16 } from '../../src/formats/half.ts';

test('every float16 comes back as it was', () => {
  for (let half = 0; half < 65536; half++) {
    const number = decodeFloat16(half);
    if (Number.isNaN(number)) expect(encodeFloat16(number)).toBe(0x7e00);
    else if (encodeFloat16(number) !== half) expect.fail(`${half} is ${number}`);
  }
});

test('a number between two float16 becomes the nearer one, and the even one when it lies in the middle', () => {
  for (let half = 0; half < 0x7bff; half++) {
    const [low, high] = [decodeFloat16(half), decodeFloat16(half + 1)];
    const middle = (low + high) / 2;
    const even = half % 2 === 0 ? half : half + 1;
    const step = middle * 2 ** -23;
    const got = [middle - step, middle, middle + step].map((x) => encodeFloat16(Math.fround(x)));
    if (got[0] !== half || got[1] !== even || got[2] !== half + 1)
      expect.fail(`between ${low} and ${high}: ${got}`);
    if (encodeFloat16(-middle) !== (even | 0x8000)) expect.fail(`-${middle}`);
  }
});

test.each([
  [65504, 0x7bff],
  [65519.99, 0x7bff],
  [65520, 0x7c00],
  [1e30, 0x7c00],
  [Number.POSITIVE_INFINITY, 0x7c00],
  [-1e30, 0xfc00],
  [2 ** -24, 1],
  [2 ** -25, 0],
  [2 ** -26, 0],
  [-0, 0x8000],
])('%d is %d', (number, half) => {
  expect(encodeFloat16(number)).toBe(half);
});

test('a bfloat16 is the upper half of a float32', () => {
  for (const number of [0, 1, -2.5, 3.140625, 2 ** -130, 1e30]) {
    const upper = new Uint16Array(Float32Array.of(number).buffer)[1] ?? 0;
    expect(decodeBfloat16(upper)).toBe(new Float32Array(Uint32Array.of(upper << 16).buffer)[0]);
  }
  expect(decodeBfloat16(0x3f80)).toBe(1);
});
