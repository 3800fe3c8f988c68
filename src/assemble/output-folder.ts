import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { compareWithLock, LOCK_FILE, readLock } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';

/**
 * Runs `fill` on a new folder beside `out` and puts it into place when it is complete; when `fill` fails, nothing of
 * it remains and `out` is as it was.
 *
 * @throws HubwrightError OUTPUT when `out` holds anything that this tool did not write itself.
 */
export async function replaceFolder<T>(out: string, fill: (dir: string) => Promise<T>): Promise<T> {
  const target = resolve(out);
  const exists = await checkReplaceable(target);
  const draft = await createDraft(target);
  try {
    const result = await fill(draft);
    if (exists) {
      const old = `${draft}.old`;
      await rename(target, old);
      await rename(draft, target).catch(async (error: unknown) => {
        await rename(old, target);
        throw error;
      });
      await rm(old, { recursive: true, force: true });
    } else {
      await rename(draft, target);
    }
    return result;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function createDraft(target: string): Promise<string> {
  try {
    await mkdir(dirname(target), { recursive: true });
    const draft = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
    await mkdir(draft);
    return draft;
  } catch (cause) {
    throw new HubwrightError('OUTPUT', `${target} cannot be written: ${describe(cause)}`, {
      hint: 'name another folder with --out',
      cause,
    });
  }
}

/** Whether there is something to replace; throws when it is not ours to replace. */
async function checkReplaceable(target: string): Promise<boolean> {
  const found = await stat(target).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new HubwrightError('OUTPUT', `${target} cannot be written: ${describe(cause)}`, {
      hint: 'name another folder with --out',
      cause,
    });
  });
  if (found === undefined) return false;
  if (!found.isDirectory()) throw notOurs(target, 'is a file, not a folder');
  const names = await readdir(target);
  if (names.length === 0) return true;
  if (!names.includes(LOCK_FILE))
    throw notOurs(target, `holds files that are not a bundle's: ${some(names)}`);
  const differences = await compareWithLock(target, await readLock(target));
  const own = differences.filter(({ kind }) => kind !== 'missing').map(({ path }) => path);
  if (own.length > 0) throw notOurs(target, `holds files that were changed or added by hand: ${some(own)}`);
  return true;
}

function notOurs(target: string, what: string): HubwrightError {
  return new HubwrightError('OUTPUT', `${target} ${what}`, {
    hint: 'move them away, or name another folder with --out; nothing was changed',
  });
}

function some(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} more` : names.join(', ');
}

function describe(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code;
  const known: Record<string, string> = {
    EACCES: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'a part of its path is a file',
    ENOSPC: 'the disk is full',
  };
  return known[code ?? ''] ?? (cause instanceof Error ? cause.message : String(cause));
}
