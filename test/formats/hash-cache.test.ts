import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { hashFileAt, recallHashAt, SMALL_BYTES } from '../../src/formats/file-hash.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A file that was written long enough ago, as the clock says. */
function makeFile(dir: string, size = SMALL_BYTES) {
  const path = join(dir, 'weights');
  const bytes = Buffer.alloc(size, 'w');
  writeFileSync(path, bytes);
  return { path, bytes };
}

/** Runs something three seconds later. */
async function later<T>(work: () => Promise<T>): Promise<T> {
  const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3000);
  return work().finally(() => clock.mockRestore());
}

test('a hash is kept and recalled without reading the file', async () => {
  const [dir, cacheDir] = [makeTempDir(), makeTempDir()];
  const { path, bytes } = makeFile(dir);
  const hash = await later(() => hashFileAt(path, { cacheDir }));
  expect(hash).toEqual({ size: bytes.length, sha256: sha(bytes) });
  expect(await recallHashAt(path, cacheDir)).toEqual(hash);
  // What is recalled is what was kept: a forged entry shows that the file was not read.
  const entry = join(cacheDir, 'hashes', readdirSync(join(cacheDir, 'hashes'))[0]!);
  writeFileSync(entry, readFileSync(entry, 'utf8').replace(hash.sha256, '0'.repeat(64)));
  expect((await hashFileAt(path, { cacheDir })).sha256).toBe('0'.repeat(64));
  expect((await hashFileAt(path)).sha256).toBe(hash.sha256);
  let seen = 0;
  const watched = await hashFileAt(path, { cacheDir, watch: (chunk) => (seen += chunk.length) });
  expect(watched.sha256).toBe(hash.sha256);
  expect(seen).toBe(bytes.length);
});

test('a file just written is not trusted, nor a small one worth it', async () => {
  const [dir, cacheDir] = [makeTempDir(), makeTempDir()];
  const { path } = makeFile(dir);
  await hashFileAt(path, { cacheDir });
  expect(await recallHashAt(path, cacheDir)).toBeUndefined();
  const small = makeFile(makeTempDir(), SMALL_BYTES - 1).path;
  await later(() => hashFileAt(small, { cacheDir }));
  expect(await recallHashAt(small, cacheDir)).toBeUndefined();
});

const CHANGES: Record<string, (path: string) => Promise<void> | void> = {
  'grown by a byte': (path) => appendFileSync(path, 'x'),
  // The same size and the same modification time, which any program may set.
  'written anew under its old time': async (path) => {
    const { atime, mtime } = await stat(path);
    writeFileSync(path, Buffer.alloc(SMALL_BYTES, 'v'));
    utimesSync(path, atime, mtime);
  },
  'replaced by another': async (path) => {
    const { atime, mtime } = await stat(path);
    writeFileSync(`${path}.new`, Buffer.alloc(SMALL_BYTES, 'v'));
    utimesSync(`${path}.new`, atime, mtime);
    renameSync(`${path}.new`, path);
  },
};

test.each(Object.entries(CHANGES))('a file %s is read again', async (_, change) => {
  const [dir, cacheDir] = [makeTempDir(), makeTempDir()];
  const { path } = makeFile(dir);
  await later(() => hashFileAt(path, { cacheDir }));
  expect(await recallHashAt(path, cacheDir)).toBeDefined();
  await change(path);
  expect(await recallHashAt(path, cacheDir)).toBeUndefined();
  expect((await hashFileAt(path, { cacheDir })).sha256).toBe(sha(readFileSync(path)));
});

test('a broken entry, or a cache that cannot be written, is as none', async () => {
  const [dir, cacheDir] = [makeTempDir(), makeTempDir()];
  const { path, bytes } = makeFile(dir);
  await later(() => hashFileAt(path, { cacheDir }));
  const folder = join(cacheDir, 'hashes');
  for (const name of readdirSync(folder)) writeFileSync(join(folder, name), '{"version": 1');
  expect((await hashFileAt(path, { cacheDir })).sha256).toBe(sha(bytes));
  const blocked = join(cacheDir, 'file');
  writeFileSync(blocked, '');
  expect((await later(() => hashFileAt(path, { cacheDir: blocked }))).sha256).toBe(sha(bytes));
});
