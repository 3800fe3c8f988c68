import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareWithLock, isBundle, LOCK_FILE, type Lock, readLock, writeLock } from '../src/bundle.ts';
import { catchError } from './fixtures/caught.ts';
import { makeTempDir } from './fixtures/temp-dir.ts';

const FILES = { 'README.md': '# x\n', 'a/data.csv': 'a\n1\n', 'a.json': '{}', 'A.txt': '', 'b.txt': 'b' };

function writeFiles(dir: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

async function makeBundle(files: Record<string, string> = FILES): Promise<{ dir: string; lock: Lock }> {
  const dir = writeFiles(makeTempDir(), files);
  return { dir, lock: await writeLock(dir) };
}

function editLock(dir: string, change: (lock: Lock) => unknown): void {
  const path = join(dir, LOCK_FILE);
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as Lock)));
}

describe('a lock', () => {
  test('lists every file with size and sha256, in path order', async () => {
    const { dir, lock } = await makeBundle();
    expect(lock.files).toEqual(
      ['A.txt', 'README.md', 'a.json', 'a/data.csv', 'b.txt'].map((path) => {
        const text = FILES[path as keyof typeof FILES];
        return { path, size: text.length, sha256: sha256(text) };
      }),
    );
    expect(await readLock(dir)).toEqual(lock);
    expect(isBundle(dir)).toBe(true);
    expect(isBundle(join(dir, 'a'))).toBe(false);
  });

  test('has the root digest that sha256sum gives', async () => {
    const { dir, lock } = await makeBundle();
    const paths = Object.keys(FILES).sort();
    const printed = execFileSync('sha256sum', paths, { cwd: dir, encoding: 'utf8' });
    expect(lock.rootDigest).toBe(sha256(printed));
  });

  test('does not depend on the order in which files were made', async () => {
    const { lock } = await makeBundle();
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(Object.entries(FILES), { minLength: 5 }), async (entries) => {
        expect((await makeBundle(Object.fromEntries(entries))).lock).toEqual(lock);
      }),
      { numRuns: 10 },
    );
  });

  test('does not list itself, the report, or what git and the Hub leave', async () => {
    const { dir, lock } = await makeBundle();
    writeFiles(dir, {
      'verification.json': '{}',
      '.gitattributes': 'x',
      '.git/HEAD': 'x',
      '.cache/a/b': 'x',
    });
    expect(await compareWithLock(dir, lock)).toEqual([]);
    expect(await writeLock(dir)).toEqual(lock);
  });
});

describe('a bundle that was changed', () => {
  test('is untouched when it was not', async () => {
    const { dir, lock } = await makeBundle();
    expect(await compareWithLock(dir, lock)).toEqual([]);
  });

  test('shows every changed, missing and unexpected file, in path order', async () => {
    const { dir, lock } = await makeBundle();
    writeFiles(dir, { 'a.json': '[]', 'c/new.txt': 'new', '.hidden': '' });
    rmSync(join(dir, 'b.txt'));
    expect(await compareWithLock(dir, lock)).toEqual([
      { path: '.hidden', kind: 'unexpected' },
      { path: 'a.json', kind: 'changed', expected: sha256('{}'), actual: sha256('[]') },
      { path: 'b.txt', kind: 'missing' },
      { path: 'c/new.txt', kind: 'unexpected' },
    ]);
  });

  test.each(['file', 'folder', 'nothing'])('is refused for a symbolic link to a %s', async (target) => {
    const { dir, lock } = await makeBundle();
    symlinkSync(join(dir, { file: 'a.json', folder: 'a', nothing: 'no' }[target]!), join(dir, 'link'));
    for (const work of [() => compareWithLock(dir, lock), () => writeLock(dir)]) {
      const error = await catchError(work);
      expect([error.code, error.message]).toEqual(['INPUT_INVALID', `link in ${dir} is not a plain file`]);
    }
  });

  test.each(['a\nb', 'a\\b', 'a\u007fb', 'C:a'])('is refused for a file named %j', async (name) => {
    const { dir } = await makeBundle();
    writeFileSync(join(dir, name), '');
    const error = await catchError(writeLock(dir));
    expect([error.code, error.message]).toEqual([
      'INPUT_INVALID',
      `${JSON.stringify(name)} in ${dir} cannot be in a repository`,
    ]);
  });
});

const file = (path: string) => ({ path, size: 0, sha256: sha256('') });
/** A lock over one file whose root digest is right. */
const lockOf = (...paths: string[]) => ({
  version: 1,
  rootDigest: sha256(
    [...paths]
      .sort()
      .map((path) => `${sha256('')}  ${path}\n`)
      .join(''),
  ),
  files: paths.map(file),
});

const EDITED: Record<string, [change: (lock: Lock) => unknown, message: RegExp]> = {
  'a hash replaced': [
    (lock) => ({ ...lock, files: lock.files.map((entry) => ({ ...entry, sha256: sha256('other') })) }),
    /its rootDigest does not belong to its files/,
  ],
  'a file left out': [(lock) => ({ ...lock, files: lock.files.slice(1) }), /rootDigest does not belong/],
  'a file renamed': [
    (lock) => ({ ...lock, files: lock.files.map((f) => ({ ...f, path: `x${f.path}` })) }),
    /rootDigest/,
  ],
  'another version': [(lock) => ({ ...lock, version: 2 }), /version/],
  'an unknown key': [(lock) => ({ ...lock, note: 'x' }), /note/],
  'a digest in capitals': [(lock) => ({ ...lock, rootDigest: lock.rootDigest.toUpperCase() }), /rootDigest/],
  'a path that climbs out': [() => lockOf('../outside'), /leaves the bundle/],
  'a path that climbs out midway': [() => lockOf('a/../../outside'), /leaves the bundle/],
  'an absolute path': [() => lockOf('/etc/passwd'), /leaves the bundle/],
  'a path with a backslash': [() => lockOf('..\\outside'), /path/],
  'a path of two lines': [() => lockOf(`a\n${sha256('')}  b`), /path/],
  'a path on another drive': [() => lockOf('C:/x'), /leaves the bundle/],
  'a path with a doubled slash': [() => lockOf('a//b'), /leaves the bundle/],
  'one path twice': [() => lockOf('a', 'a'), /lists a file twice/],
  'a negative size': [(lock) => ({ ...lock, files: lock.files.map((f) => ({ ...f, size: -1 })) }), /size/],
  'a list for a lock': [() => [], /expected object/],
};

test.each(Object.entries(EDITED))('a lock with %s is refused', async (_, [change, message]) => {
  const { dir } = await makeBundle();
  editLock(dir, change);
  const error = await catchError(readLock(dir));
  expect(error.code).toBe('INPUT_INVALID');
  expect(error.message).toMatch(/^hubwright\.lock\.json was damaged or edited: /);
  expect(error.message).toMatch(message);
});

test('a lock that is no JSON is refused with its place', async () => {
  const { dir } = await makeBundle();
  writeFileSync(join(dir, LOCK_FILE), '{"version": 1,');
  expect((await catchError(readLock(dir))).message).toMatch(/^hubwright\.lock\.json, line 1, column \d+: /);
});

test('a folder without a lock is no bundle', async () => {
  const dir = makeTempDir();
  const error = await catchError(readLock(dir));
  expect([error.code, error.message]).toEqual([
    'INPUT_MISSING',
    `${dir} is not a bundle: it has no ${LOCK_FILE}`,
  ]);
});
