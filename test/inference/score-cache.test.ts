import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openScoreCache } from '../../src/inference/score-cache.ts';
import { decodeRecords, encodeRecords, RECORD_BYTES } from '../../src/inference/score-records.ts';

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'hubwright-cache-')), 'scores');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

const key = (i: number, model = 'model') => ({
  model,
  ids: String.fromCharCode(i % 256).repeat(32),
  inCompany: true,
});
const segments = () => readdirSync(dir).sort();

/** Writes a segment with one logit. */
async function keep(i: number, logit: number, options = {}): Promise<void> {
  const cache = await openScoreCache(dir, options);
  cache.set(key(i), logit);
  await cache.save('now');
}

describe('the score cache', () => {
  test('gives back what an earlier run kept, to the bit, and nothing else', async () => {
    const logit = Math.fround(-1.2345678);
    await keep(1, logit);
    const cache = await openScoreCache(dir);
    expect(cache.get(key(1))).toBe(logit);
    expect(cache.get(key(2))).toBeUndefined();
    expect(cache.get(key(1, 'other weights'))).toBeUndefined();
    expect(cache.get({ ...key(1), inCompany: false })).toBeUndefined();
  });

  test('keeps no score that is no number', async () => {
    await keep(1, Number.NaN);
    expect((await openScoreCache(dir)).get(key(1))).toBeUndefined();
  });

  test('is the user alone to read', async () => {
    await keep(1, 0.5);
    expect(statSync(dir).mode & 0o077).toBe(0);
    for (const name of segments()) expect(statSync(join(dir, name)).mode & 0o077).toBe(0);
  });

  test('drops damaged entries, keeps the others, and takes hostile files for empty', async () => {
    const cache = await openScoreCache(dir);
    for (let i = 0; i < 3; i += 1) cache.set(key(i), i);
    await cache.save('now');
    const path = join(dir, segments()[0]!);
    const bytes = readFileSync(path);
    bytes[RECORD_BYTES + 33]! ^= 1;
    writeFileSync(path, bytes.subarray(0, bytes.length - 1));
    writeFileSync(join(dir, `${'0'.repeat(32)}.scores`), Buffer.alloc(1001, 0xff));
    writeFileSync(join(dir, 'notes.txt'), 'mine');
    const read = await openScoreCache(dir);
    expect([0, 1, 2].map((i) => read.get(key(i)))).toEqual([0, undefined, undefined]);
  });

  test('random bytes never give an entry', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect([...decodeRecords(Buffer.from(bytes))]).toEqual([]);
      }),
    );
    const name = 'x'.repeat(32);
    expect([...decodeRecords(encodeRecords([[name, 2]]))]).toEqual([[name, 2]]);
  });

  test('two runs at a time keep the scores of both', async () => {
    const [one, two] = [await openScoreCache(dir), await openScoreCache(dir)];
    one.set(key(1), 1);
    two.set(key(2), 2);
    await Promise.all([one.save('now'), two.save('now')]);
    const both = await openScoreCache(dir);
    expect([both.get(key(1)), both.get(key(2))]).toEqual([1, 2]);
    expect(segments()).toHaveLength(2);
  });

  test('joins many segments to one, and a run that still reads the old ones loses nothing', async () => {
    for (let i = 0; i < 17; i += 1) await keep(i, i);
    const early = await openScoreCache(dir);
    await keep(17, 17);
    expect(segments()).toHaveLength(1);
    expect(early.get(key(3))).toBe(3);
    await early.save('now');
    const late = await openScoreCache(dir);
    expect(Array.from({ length: 18 }, (_, i) => late.get(key(i)))).toEqual(
      Array.from({ length: 18 }, (_, i) => i),
    );
  });

  test('stays within its bounds: what was not used for longest goes', async () => {
    const maxBytes = 3 * RECORD_BYTES;
    for (let i = 0; i < 3; i += 1) await keep(i, i, { maxBytes });
    for (const [i, name] of segments().entries()) utimesSync(join(dir, name), 1000 + i, 1000 + i);
    const used = await openScoreCache(dir, { maxBytes });
    const oldest = [0, 1, 2].find((i) => readFileSync(join(dir, segments()[0]!)).readFloatLE(32) === i)!;
    used.get(key(oldest));
    used.set(key(9), 9);
    await used.save('now');
    expect(segments()).toHaveLength(3);
    const after = await openScoreCache(dir);
    expect([after.get(key(oldest)), after.get(key(9))]).toEqual([oldest, 9]);
  });

  test('that cannot be written is no error', async () => {
    writeFileSync(dir, 'a file where the folder should be');
    await keep(1, 1);
    expect((await openScoreCache(dir)).get(key(1))).toBeUndefined();
  });
});
