import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import type { FileHash } from './file-hash.ts';

/**
 * What tells that a file is the one that was hashed: where it is, and every mark that a write leaves. Each program may
 * set the modification time; none can set the change time, short of setting the machine's clock.
 */
export interface FileStamp {
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  readonly size: number;
  /** Nanoseconds, as text: they are beyond 2^53. */
  readonly modified: string;
  readonly changed: string;
}

const entrySchema = z.strictObject({
  version: z.literal(1),
  stamp: z.strictObject({
    path: z.string(),
    device: z.string(),
    inode: z.string(),
    size: z.int().nonnegative(),
    modified: z.string(),
    changed: z.string(),
  }),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * A file that was written to this short a time ago may be written to again without its stamp changing: file systems
 * count time in steps, FAT's of two seconds.
 */
const SETTLED_NS = 2_000_000_000n;
/** Entries of a few hundred bytes; the ones not written for longest go first. */
const MAX_ENTRIES = 1000;
const ENTRY = /^[0-9a-f]{40}\.hash\.json$/;

/** @throws the file system's error for a file that is not there. */
export async function stampFile(path: string): Promise<FileStamp> {
  const real = await realpath(path);
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(real, { bigint: true });
  return {
    path: real,
    device: String(dev),
    inode: String(ino),
    size: Number(size),
    modified: String(mtimeNs),
    changed: String(ctimeNs),
  };
}

/** The hash of a file as it was when it last bore this very stamp; a cache that cannot be read knows nothing. */
export async function recallFileHash(cacheDir: string, stamp: FileStamp): Promise<FileHash | undefined> {
  const text = await readFile(placeOf(cacheDir, stamp), 'utf8').catch(() => undefined);
  const entry = text === undefined ? undefined : parseEntry(text);
  if (entry === undefined || !isSame(entry.stamp, stamp)) return undefined;
  return { size: stamp.size, sha256: entry.sha256 };
}

/** Keeps a hash for the next time, if the file still bears the stamp and has had it for long enough. */
export async function keepFileHash(
  cacheDir: string,
  stamp: FileStamp,
  { size, sha256 }: FileHash,
): Promise<void> {
  const now = await stampFile(stamp.path).catch(() => undefined);
  if (now === undefined || !isSame(now, stamp) || size !== stamp.size || !isSettled(stamp)) return;
  await keepText(placeOf(cacheDir, stamp), JSON.stringify({ version: 1, stamp, sha256 }));
  await evict(folderOf(cacheDir), ENTRY);
}

/** Writes a file of the cache, closed to others; not being able to is never an error. */
export async function keepText(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 }).catch(() => {});
  await writeFileAtomic(path, text, { mode: 0o600 }).catch(() => {});
}

/** Where the hashes are, beside the scores. */
export function folderOf(cacheDir: string): string {
  return join(cacheDir, 'hashes');
}

/** Leaves the newest entries of a form. */
export async function evict(folder: string, form: RegExp): Promise<void> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => form.test(name));
  if (names.length <= MAX_ENTRIES) return;
  const dated = await Promise.all(
    names.map(async (name) => ({
      name,
      at: await stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    })),
  );
  // Half of them, so that it is not done again with the next file.
  const surplus = dated.sort((a, b) => b.at - a.at).slice(MAX_ENTRIES / 2);
  for (const { name } of surplus) await rm(join(folder, name), { force: true }).catch(() => {});
}

function placeOf(cacheDir: string, { path }: FileStamp): string {
  const key = createHash('sha256').update(path).digest('hex').slice(0, 40);
  return join(folderOf(cacheDir), `${key}.hash.json`);
}

function parseEntry(text: string): z.output<typeof entrySchema> | undefined {
  try {
    return entrySchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function isSame(a: FileStamp, b: FileStamp): boolean {
  return (Object.keys(a) as (keyof FileStamp)[]).every((key) => a[key] === b[key]);
}

function isSettled({ modified, changed }: FileStamp): boolean {
  const now = BigInt(Date.now()) * 1_000_000n;
  return [modified, changed].every((at) => now - BigInt(at) > SETTLED_NS);
}
