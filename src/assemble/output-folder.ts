import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { compareWithLock, LOCK_FILE, type LockDifference, readLock } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';

/**
 * Runs `fill` on a new folder beside `out` and puts it into place when it is complete; when `fill` fails, nothing of
 * it remains and `out` is as it was.
 *
 * @throws HubwrightError OUTPUT when `out` holds anything that this tool did not write itself, or cannot be written.
 */
export async function replaceFolder<T>(out: string, fill: (dir: string) => Promise<T>): Promise<T> {
  const target = resolve(out);
  const exists = await checkReplaceable(target);
  const { draft, firstMade } = await createDraft(target);
  try {
    const result = await fill(draft);
    await putInPlace(draft, target, exists);
    return result;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    await removeEmptyFolders(dirname(target), firstMade);
    throw isDiskFault(error) ? cannotWrite(target, error) : error;
  }
}

/** `firstMade` is the outermost of the parent folders that were not there before, if any. */
async function createDraft(target: string): Promise<{ draft: string; firstMade: string | undefined }> {
  try {
    const firstMade = await mkdir(dirname(target), { recursive: true });
    const draft = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
    await mkdir(draft);
    return { draft, firstMade };
  } catch (cause) {
    throw cannotWrite(target, cause);
  }
}

async function putInPlace(draft: string, target: string, exists: boolean): Promise<void> {
  const old = `${draft}.old`;
  try {
    if (exists) await rename(target, old);
    await rename(draft, target).catch(async (error: unknown) => {
      if (exists) await rename(old, target);
      throw error;
    });
    if (exists) await rm(old, { recursive: true, force: true });
  } catch (cause) {
    throw cannotWrite(target, cause);
  }
}

async function removeEmptyFolders(innermost: string, outermost: string | undefined): Promise<void> {
  if (outermost === undefined) return;
  for (let dir = innermost; dir.startsWith(outermost); dir = dirname(dir)) {
    // One that somebody put a file into meanwhile stays, and so do those around it.
    await rmdir(dir).catch(() => {});
  }
}

/** Whether there is something to replace; throws when it is not ours to replace. */
async function checkReplaceable(target: string): Promise<boolean> {
  const found = await stat(target).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cannotWrite(target, cause);
  });
  if (found === undefined) return false;
  if (!found.isDirectory()) throw notOurs(target, 'is a file, not a folder');
  const names = await readdir(target);
  if (names.length === 0) return true;
  if (!names.includes(LOCK_FILE))
    throw notOurs(target, `holds files that are not a bundle's: ${some(names)}`);
  // Not locked, and so not compared: what git or a download left there is the user's.
  const foreign = names.filter((name) => ['.git', '.gitattributes', '.cache'].includes(name));
  if (foreign.length > 0) throw notOurs(target, `holds what git or a download put there: ${some(foreign)}`);
  const differences = await compareWithOwnLock(target);
  // The card's own text is carried over into the new one.
  const own = differences
    .filter(({ kind, path }) => kind !== 'missing' && path !== 'README.md')
    .map(({ path }) => path);
  if (own.length > 0) throw notOurs(target, `holds files that were changed or added by hand: ${some(own)}`);
  return true;
}

async function compareWithOwnLock(target: string): Promise<LockDifference[]> {
  try {
    return await compareWithLock(target, await readLock(target));
  } catch (error) {
    throw error instanceof HubwrightError
      ? notOurs(target, `is no untouched bundle: ${error.message}`)
      : error;
  }
}

function notOurs(target: string, what: string): HubwrightError {
  return new HubwrightError('OUTPUT', `${target} ${what}`, {
    hint: 'move them away, or name another folder with --out; nothing was changed',
  });
}

function some(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} more` : names.join(', ');
}

function cannotWrite(target: string, cause: unknown): HubwrightError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const why = FAULTS[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return new HubwrightError('OUTPUT', `${target} cannot be written: ${why}`, {
    hint: 'name another folder with --out',
    cause,
  });
}

const FAULTS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use, or a mount point',
  EDQUOT: 'the quota is used up',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
};

/** Faults of the disk that is written to; any other may as well be about a file that is read. */
function isDiskFault(error: unknown): boolean {
  return ['EDQUOT', 'ENOSPC', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
}
