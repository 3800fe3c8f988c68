import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { replaceFolder } from '../../src/assemble/output-folder.ts';
import { LOCK_FILE, readLock, writeLock } from '../../src/bundle.ts';
import { HubwrightError } from '../../src/errors.ts';
import { catchError } from '../fixtures/caught.ts';
import { readFolderState } from '../fixtures/folder-state.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

const fillWith = (text: string) => async (dir: string) => {
  mkdirSync(join(dir, 'images'));
  writeFileSync(join(dir, 'images/a.svg'), text);
  writeFileSync(join(dir, 'README.md'), text);
  return writeLock(dir);
};

async function makeBundle(): Promise<{ parent: string; out: string }> {
  const parent = makeTempDir();
  const out = join(parent, 'bundle');
  await replaceFolder(out, fillWith('first'));
  return { parent, out };
}

describe('a folder is put into place', () => {
  test('where there is nothing, with the folders around it', async () => {
    const parent = makeTempDir();
    const out = join(parent, 'a/b/bundle');
    const lock = await replaceFolder(out, fillWith('first'));
    expect(await readLock(out)).toEqual(lock);
    expect(readdirSync(join(parent, 'a/b'))).toEqual(['bundle']);
  });

  test('where there is an empty folder', async () => {
    const parent = makeTempDir();
    mkdirSync(join(parent, 'bundle'));
    await replaceFolder(join(parent, 'bundle'), fillWith('first'));
    expect(readdirSync(join(parent, 'bundle')).sort()).toEqual(['README.md', LOCK_FILE, 'images']);
    expect(readdirSync(parent)).toEqual(['bundle']);
  });

  test('where there is an untouched bundle, verified or not, complete or not', async () => {
    const { parent, out } = await makeBundle();
    writeFileSync(join(out, 'verification.json'), '{}');
    rmSync(join(out, 'images/a.svg'));
    const lock = await replaceFolder(out, fillWith('second'));
    expect(await readLock(out)).toEqual(lock);
    expect(readdirSync(out).sort()).toEqual(['README.md', LOCK_FILE, 'images']);
    expect(readdirSync(parent)).toEqual(['bundle']);
  });
});

const FOREIGN: Record<string, [damage: (out: string) => void, message: RegExp]> = {
  'an edited file': [
    (out) => writeFileSync(join(out, 'images/a.svg'), 'mine'),
    /changed or added by hand: images\/a\.svg$/,
  ],
  'an added file': [
    (out) => writeFileSync(join(out, 'images/notes.txt'), 'mine'),
    /changed or added by hand: images\/notes\.txt$/,
  ],
  'many added files': [
    (out) => {
      for (const name of 'abcdef') writeFileSync(join(out, name), 'mine');
    },
    /by hand: a, b, c, d and 2 more$/,
  ],
  'a git repository': [
    (out) => {
      mkdirSync(join(out, '.git'));
      writeFileSync(join(out, '.git/HEAD'), 'ref: refs/heads/main');
    },
    /what git or a download put there: \.git$/,
  ],
  'a file of git attributes': [
    (out) => writeFileSync(join(out, '.gitattributes'), '*.bin'),
    /: \.gitattributes$/,
  ],
  'an edited lock': [
    (out) => writeFileSync(join(out, LOCK_FILE), '{}'),
    /no untouched bundle: hubwright\.lock\.json was/,
  ],
  'no lock': [
    (out) => rmSync(join(out, LOCK_FILE)),
    /holds files that are not a bundle's: README\.md, images$/,
  ],
  'a symbolic link': [
    (out) => symlinkSync('/', join(out, 'root')),
    /no untouched bundle: root in .* is not a plain file/,
  ],
};

describe('a folder is refused, and left as it was, with', () => {
  test.each(Object.entries(FOREIGN))('%s', async (_, [damage, message]) => {
    const { parent, out } = await makeBundle();
    damage(out);
    const before = readFolderState(parent);
    let filled = false;
    const fill = async () => {
      filled = true;
    };
    const error = await catchError(replaceFolder(out, fill));
    expect([error.code, error.exitCode]).toEqual(['OUTPUT', 2]);
    expect(error.message).toContain(out);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/name another folder with --out; nothing was changed/);
    expect(filled).toBe(false);
    expect(readFolderState(parent)).toEqual(before);
  });
});

test('a file in the place of the folder is refused', async () => {
  const parent = makeTempDir();
  writeFileSync(join(parent, 'out'), 'mine');
  const error = await catchError(replaceFolder(join(parent, 'out'), fillWith('x')));
  expect([error.code, error.message]).toEqual(['OUTPUT', `${join(parent, 'out')} is a file, not a folder`]);
});

test('a folder below a file cannot be written', async () => {
  const parent = makeTempDir();
  writeFileSync(join(parent, 'file'), 'mine');
  for (const path of ['file/out', 'file/a/out']) {
    const error = await catchError(replaceFolder(join(parent, path), fillWith('x')));
    expect([error.code, error.message]).toEqual([
      'OUTPUT',
      `${join(parent, path)} cannot be written: a part of its path is a file`,
    ]);
  }
  expect(readdirSync(parent)).toEqual(['file']);
});

test('a link to nowhere cannot be replaced', async () => {
  const parent = makeTempDir();
  symlinkSync(join(parent, 'gone'), join(parent, 'out'));
  const error = await catchError(replaceFolder(join(parent, 'out'), fillWith('x')));
  expect(error.code).toBe('OUTPUT');
  expect(readdirSync(parent)).toEqual(['out']);
});

describe('when filling fails', () => {
  const fail = async (dir: string) => {
    await fillWith('half')(dir);
    throw new HubwrightError('INPUT_INVALID', 'midway');
  };

  test('nothing is left where there was nothing', async () => {
    const parent = makeTempDir();
    expect((await catchError(replaceFolder(join(parent, 'a/b/bundle'), fail))).message).toBe('midway');
    expect(readdirSync(parent)).toEqual([]);
  });

  test('the bundle that was there is still there', async () => {
    const { parent, out } = await makeBundle();
    const before = readFolderState(parent);
    await catchError(replaceFolder(out, fail));
    expect(readFolderState(parent)).toEqual(before);
  });

  test('a full disk is told as such', async () => {
    const full = async () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    const out = join(makeTempDir(), 'out');
    const error = await catchError(replaceFolder(out, full));
    expect([error.code, error.message]).toEqual(['OUTPUT', `${out} cannot be written: the disk is full`]);
  });
});
