import fc from 'fast-check';
import { GEAR_TABLE } from 'gearhash-jit';
import { describe, expect, it } from 'vitest';
import { createBoundaryFinder } from '../../../src/publish/xet/boundaries.ts';
import { noise } from './noise.ts';

/** Lengths of chunks, with the bytes handed in by so many at a time. */
function cut(bytes: Buffer, step: number): number[] {
  const finder = createBoundaryFinder();
  const lengths: number[] = [];
  let length = 0;
  for (let start = 0; start < bytes.length; start += step) {
    let part = bytes.subarray(start, start + step);
    for (let taken = finder.take(part); taken !== -1; taken = finder.take(part)) {
      lengths.push(length + taken);
      length = 0;
      part = part.subarray(taken);
    }
    length += part.length;
  }
  return length > 0 ? [...lengths, length] : lengths;
}

/** The definition, byte by byte (huggingface.co/docs/xet/chunking). */
function define(bytes: Buffer): number[] {
  const lengths: number[] = [];
  let hash = 0n;
  let start = 0;
  for (const [at, byte] of bytes.entries()) {
    hash = ((hash << 1n) + (GEAR_TABLE[byte] ?? 0n)) & 0xffffffffffffffffn;
    const size = at - start + 1;
    if (size < 8192 || (size < 131_072 && (hash & 0xffff000000000000n) !== 0n)) continue;
    lengths.push(size);
    start = at + 1;
    hash = 0n;
  }
  return start < bytes.length ? [...lengths, bytes.length - start] : lengths;
}

describe('where chunks end', () => {
  it('is what the definition says', () => {
    for (const bytes of [noise(700_000, '1'), Buffer.alloc(300_000, 3), Buffer.from('ab'.repeat(100_000))]) {
      expect(cut(bytes, bytes.length)).toEqual(define(bytes));
    }
  });

  it('does not depend on how the bytes are handed in', () => {
    const bytes = noise(400_000, '2');
    const whole = cut(bytes, bytes.length);
    expect(whole.length).toBeGreaterThan(2);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000 }), (step) => {
        expect(cut(bytes, step)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('is found again behind an edit', () => {
    const bytes = noise(600_000, '3');
    const edited = Buffer.concat([Buffer.from('more'), bytes]);
    const [before, after] = [cut(bytes, bytes.length), cut(edited, edited.length)];
    expect(after.slice(-2)).toEqual(before.slice(-2));
  });

  it('keeps to 8 KiB at least and 128 KiB at most', () => {
    const lengths = cut(noise(3_000_000, '4'), 1_000_000);
    expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThanOrEqual(8_192);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(131_072);
    expect(cut(Buffer.alloc(262_145, 1), 5_000)).toEqual([131_072, 131_072, 1]);
  });
});
