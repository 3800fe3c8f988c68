import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashGitBlob } from '../../src/publish/git-hash.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'git-hash-'));
});
afterAll(() => rm(dir, { recursive: true }));

// From `git hash-object`, git 2.39.
const KNOWN: [name: string, bytes: Buffer, oid: string][] = [
  ['a line', Buffer.from('hello\n'), 'ce013625030ba8dba906f756967f9e9ca394464a'],
  ['no byte', Buffer.alloc(0), 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'],
  [
    'carriage returns, kept as they are',
    Buffer.from('a\r\nb\r\n'),
    'c30dea8a3641ea99b125d04d599d843712292759',
  ],
];

describe('hashGitBlob', () => {
  test.each(KNOWN)('%s', async (_, bytes, oid) => {
    const path = join(dir, 'file');
    await writeFile(path, bytes);
    expect(await hashGitBlob(path)).toBe(oid);
  });

  test('agrees with the installed git over several read chunks', async () => {
    const path = join(dir, 'large');
    await writeFile(path, Buffer.alloc(3_000_001, 'chunk'));
    const oid = execFileSync('git', ['hash-object', '--no-filters', path], { encoding: 'utf8' }).trim();
    expect(await hashGitBlob(path)).toBe(oid);
  });
});
