import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { HubwrightError } from './errors.ts';
import { type HashOptions, hashFileAt } from './formats/file-hash.ts';
import { isInnerPath } from './formats/inner-path.ts';
import { formatJson, parseJson } from './formats/json.ts';
import { readLimitedText } from './formats/limited-file.ts';
import { describeFault } from './formats/schema-fault.ts';

export const LOCK_FILE = 'hubwright.lock.json';
export const REPORT_FILE = 'verification.json';
export const SIGNATURE_FILE = 'model.sig';
export const PROVENANCE_FILE = 'provenance.intoto.json';

/**
 * The lock cannot list itself, nor the report and its parts, which name the lock's root digest, nor signature and
 * provenance, which cover the locked files; nor the drafts of these, a number after the name, which a task at work beside
 * this one holds and a killed one leaves.
 */
const UNLOCKED =
  /^(hubwright\.lock\.json|model\.sig(\.\d+)?|provenance\.intoto\.json(\.\d+)?|verification(\.part-\d+-of-\d+)?\.json(\.\d+)?)$/;
/** `.gitattributes` is the Hub's own, and the folders are what git and the Hub's clients leave in a downloaded copy. */
const FOREIGN = /^(\.gitattributes|\.git\/.*|\.cache\/.*)$/;

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

/** A lock may come from elsewhere: its paths must stay inside the bundle. */
const innerPath = z
  .string()
  .refine(isInnerPath, 'path leaves the bundle, or holds a backslash, a colon or a control character');

const fileList = z
  .array(z.strictObject({ path: innerPath, size: z.int().nonnegative(), sha256: sha256Hex }))
  .refine((files) => new Set(files.map(({ path }) => path)).size === files.length, 'lists a file twice');

/** What a bundle was made from: known only while it is made, and never published as it stands. */
const originSchema = z.strictObject({
  /** The version of Hubwright that assembled it. */
  tool: z.string(),
  /** The files of the run folder that were read, by their paths there. */
  inputs: fileList,
  /** What was checked out where the run folder lies, if that is in a Git repository. */
  source: z
    .strictObject({
      commit: z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/),
      /** `git+https://…`, without credentials; absent where there is no remote. */
      repository: z.string().optional(),
    })
    .optional(),
});

export type Origin = z.output<typeof originSchema>;

export const lockSchema = z.strictObject({
  version: z.literal(1),
  rootDigest: sha256Hex,
  files: fileList,
  /** Not part of the root digest: the same files are the same bundle wherever they were made. */
  origin: originSchema.optional(),
});

/** What a bundle holds: every file with size in bytes and sha256, in path order, and one digest over all of it. */
export type Lock = z.output<typeof lockSchema>;
export type LockedFile = Lock['files'][number];

export type LockDifference =
  | { readonly path: string; readonly kind: 'missing' }
  | { readonly path: string; readonly kind: 'unexpected' }
  | { readonly path: string; readonly kind: 'changed'; readonly expected: string; readonly actual: string };

/**
 * sha256 over the lines that `sha256sum` prints for the files in path order (code units, as `LC_ALL=C sort`), so that
 * anybody can compute it again: `sha256sum $(files) | sha256sum`.
 */
export function computeRootDigest(files: readonly LockedFile[]): string {
  const hash = createHash('sha256');
  for (const { path, sha256 } of sortByPath(files)) hash.update(`${sha256}  ${path}\n`);
  return hash.digest('hex');
}

/** Whether a folder is a bundle: one with a lock. */
export function isBundle(dir: string): boolean {
  return existsSync(join(dir, LOCK_FILE));
}

/** Where hashes may be kept between runs; see `formats/hash-cache.ts`. */
export type HashPlace = Pick<HashOptions, 'cacheDir'>;

/** Path, size and sha256 of every file of the folder, in path order. */
export async function hashBundle(dir: string, place: HashPlace = {}): Promise<LockedFile[]> {
  const files: LockedFile[] = [];
  for (const path of await listBundleFiles(dir)) files.push(await hashFile(dir, path, place));
  return files;
}

/** Hashes every file of the folder and writes `hubwright.lock.json`. An earlier lock's origin is kept. */
export async function writeLock(dir: string): Promise<Lock> {
  const files = await hashBundle(dir);
  // What is there and is no lock has no origin to keep.
  const earlier = await readLock(dir).catch(() => undefined);
  return saveLock(dir, files, earlier?.origin);
}

/** Writes the lock again, with what the bundle was made from. */
export async function recordOrigin(dir: string, { files }: Lock, origin: Origin): Promise<Lock> {
  return saveLock(dir, files, origin);
}

async function saveLock(dir: string, files: LockedFile[], origin: Origin | undefined): Promise<Lock> {
  const rootDigest = computeRootDigest(files);
  const lock: Lock = { version: 1, rootDigest, files, ...(origin === undefined ? {} : { origin }) };
  await writeFileAtomic(join(dir, LOCK_FILE), formatJson(lock));
  return lock;
}

/**
 * Writes the lock anew after some files were written, and hashes those only. What else changed meanwhile still differs
 * from the lock: it is not this command's to approve.
 */
export async function relock(dir: string, lock: Lock, written: readonly string[]): Promise<Lock> {
  const kept = lock.files.filter(({ path }) => !written.includes(path));
  const hashed = await Promise.all(written.map((path) => hashFile(dir, path)));
  return saveLock(dir, sortByPath([...kept, ...hashed]), lock.origin);
}

/**
 * Reads a bundle's lock and checks that its own digest belongs to it.
 *
 * @throws HubwrightError INPUT_MISSING when the folder is no bundle, INPUT_INVALID when the lock was edited.
 */
export async function readLock(dir: string): Promise<Lock> {
  const text = await readLimitedText(join(dir, LOCK_FILE)).catch((cause: unknown) => {
    if (cause instanceof HubwrightError && cause.code !== 'INPUT_MISSING') throw cause;
    throw new HubwrightError('INPUT_MISSING', `${dir} is not a bundle: it has no ${LOCK_FILE}`, {
      hint: 'make one: hubwright assemble <run-dir> --out <bundle>',
      cause,
    });
  });
  const parsed = lockSchema.safeParse(parseJson(text, LOCK_FILE));
  const fault = !parsed.success
    ? describeFault(parsed.error)
    : parsed.data.rootDigest !== computeRootDigest(parsed.data.files)
      ? 'its rootDigest does not belong to its files'
      : undefined;
  if (!parsed.success || fault !== undefined) {
    throw new HubwrightError('INPUT_INVALID', `${LOCK_FILE} was damaged or edited: ${fault}`, {
      hint: 'assemble the bundle again: hubwright assemble <run-dir> --out <bundle>',
    });
  }
  return parsed.data;
}

/** Re-hashes every file of the folder against the lock. Differences come in path order; none means untouched. */
export async function compareWithLock(
  dir: string,
  lock: Lock,
  place: HashPlace = {},
): Promise<LockDifference[]> {
  return listDifferences(await hashBundle(dir, place), lock);
}

/** What differs between files as they are and as the lock lists them, in path order. */
export function listDifferences(files: readonly LockedFile[], lock: Lock): LockDifference[] {
  const differences: LockDifference[] = [];
  const present = new Map(files.map((file) => [file.path, file]));
  for (const { path, size, sha256: expected } of lock.files) {
    const file = present.get(path);
    present.delete(path);
    if (file === undefined) differences.push({ path, kind: 'missing' });
    else if (file.sha256 !== expected || file.size !== size)
      differences.push({ path, kind: 'changed', expected, actual: file.sha256 });
  }
  for (const path of present.keys()) differences.push({ path, kind: 'unexpected' });
  return sortByPath(differences);
}

/**
 * Paths of all files below a bundle folder, `/`-separated and sorted, but for the lock and the report.
 *
 * @throws HubwrightError INPUT_INVALID for a symbolic link or anything else that is no plain file: what it points to
 * could change behind the lock, or lie outside the bundle.
 */
export async function listBundleFiles(dir: string): Promise<string[]> {
  return (await listBelow(dir, '')).sort();
}

/** Folder by folder: `readdir`'s own recursion follows links to folders since Node 22, wherever they lead. */
async function listBelow(dir: string, prefix: string): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(join(dir, prefix), { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory()) {
      paths.push(...(await listBelow(dir, `${path}/`)));
    } else if (!FOREIGN.test(path)) {
      checkPlainFile(path, entry.isFile(), dir);
      if (!UNLOCKED.test(path)) paths.push(path);
    }
  }
  return paths;
}

function checkPlainFile(path: string, isFile: boolean, dir: string): void {
  if (!isFile) {
    throw new HubwrightError('INPUT_INVALID', `${path} in ${dir} is not a plain file`, {
      hint: 'replace it by a copy of the file it points to',
    });
  }
  if (!isInnerPath(path)) {
    throw new HubwrightError('INPUT_INVALID', `${JSON.stringify(path)} in ${dir} cannot be in a repository`, {
      hint: 'rename it without backslashes, colons and control characters',
    });
  }
}

/** One file of a bundle, by its path in it. */
export async function hashFile(dir: string, path: string, options: HashOptions = {}): Promise<LockedFile> {
  return { path, ...(await hashFileAt(join(dir, path), options)) };
}

function sortByPath<T extends { readonly path: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
