import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { keepFileHash, recallFileHash, stampFile } from './hash-cache.ts';
import { readInTurns } from './read-in-turns.ts';

export interface FileHash {
  /** In bytes. */
  readonly size: number;
  /** In hex. */
  readonly sha256: string;
}

export interface HashOptions {
  /** Where hashes of large files are kept between runs; undefined keeps none. */
  readonly cacheDir?: string | undefined;
  /**
   * Sees every byte in passing, so that nobody need read the file again; then no kept hash is used. A chunk is good until
   * it returns: its memory is used again.
   */
  readonly watch?: ((chunk: Buffer) => void) | undefined;
}

const CHUNK_BYTES = 1 << 20;

/** A file below this is hashed sooner than its stamp is looked up. */
export const SMALL_BYTES = 1 << 20;

/**
 * Size and sha256 of a file, read in chunks of one MiB. With `cacheDir`, a large file that has not been touched since it
 * was hashed is not read again; see `hash-cache.ts` for what counts as untouched.
 */
export async function hashFileAt(path: string, { cacheDir, watch }: HashOptions = {}): Promise<FileHash> {
  if (cacheDir === undefined || (await stat(path)).size < SMALL_BYTES) return readAndHash(path, watch);
  const before = await stampFile(path);
  const known = watch === undefined ? await recallFileHash(cacheDir, before) : undefined;
  if (known !== undefined) return known;
  const hash = await readAndHash(path, watch);
  await keepFileHash(cacheDir, before, hash);
  return hash;
}

/** The hash that an earlier run kept of an untouched file, without reading it. */
export async function recallHashAt(
  path: string,
  cacheDir: string | undefined,
): Promise<FileHash | undefined> {
  if (cacheDir === undefined || (await stat(path)).size < SMALL_BYTES) return undefined;
  return recallFileHash(cacheDir, await stampFile(path));
}

async function readAndHash(path: string, watch: HashOptions['watch']): Promise<FileHash> {
  const hash = createHash('sha256');
  let size = 0;
  await readInTurns(path, CHUNK_BYTES, (chunk) => {
    hash.update(chunk);
    watch?.(chunk);
    size += chunk.length;
  });
  return { size, sha256: hash.digest('hex') };
}
