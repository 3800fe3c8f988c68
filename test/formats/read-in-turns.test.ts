import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readInTurns } from '../../src/formats/read-in-turns.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

const CHUNK = 16;

test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK, 1000])(
  'a file of %d bytes is seen whole, in order and in chunks',
  async (size) => {
    const bytes = Buffer.from(Array.from({ length: size }, (_, i) => (i * 7) % 251));
    const path = join(makeTempDir(), 'file');
    writeFileSync(path, bytes);
    const seen: Buffer[] = [];
    await readInTurns(path, CHUNK, (chunk) => seen.push(Buffer.from(chunk)));
    expect(Buffer.concat(seen).equals(bytes)).toBe(true);
    expect(seen.map(({ length }) => length)).toEqual(
      Array.from({ length: Math.ceil(size / CHUNK) }, (_, i) => Math.min(CHUNK, size - i * CHUNK)),
    );
  },
);

test('what the looker throws ends it, and so does a file that is not there', async () => {
  const path = join(makeTempDir(), 'file');
  writeFileSync(path, Buffer.alloc(10 * CHUNK));
  let seen = 0;
  const look = () => {
    seen += 1;
    if (seen === 3) throw new Error('enough');
  };
  await expect(readInTurns(path, CHUNK, look)).rejects.toThrow('enough');
  expect(seen).toBe(3);
  await expect(readInTurns(`${path}-none`, CHUNK, look)).rejects.toMatchObject({ code: 'ENOENT' });
});
