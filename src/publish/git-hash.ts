import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Begins the object id of a blob of `size` bytes; the bytes are still to be added. */
export function startGitHash(size: number): Hash {
  return createHash('sha1').update(`blob ${size}\0`);
}

/**
 * The object id that Git gives a file's bytes: sha1 of `blob <size>\0` and the bytes
 * (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects). The Hub lists it for every file it does not keep in LFS.
 */
export async function hashGitBlob(path: string): Promise<string> {
  const { size } = await stat(path);
  const hash = startGitHash(size);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
