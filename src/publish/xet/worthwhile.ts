import type { LockedFile } from '../../bundle.ts';
import type { RemoteFile } from '../remote-state.ts';

/** Bytes below which a file is not worth the requests. */
const LEAST_BYTES = 1024 * 1024;
/** Files of which one is a changed copy of the other differ in size by a tenth at most. */
const SIMILAR = 0.9;

/**
 * The files of which the Hub may have a part: those with about the size of a large file that the repository has, as
 * weights that were trained further, or of another one that is sent, as weights of which ONNX keeps a copy. Cutting and
 * hashing a file costs more than LFS does, and is worth it for these.
 *
 * @param files that are to be sent; no two have the same bytes
 */
export function findRepeating(
  files: readonly LockedFile[],
  remote: readonly RemoteFile[],
): readonly LockedFile[] {
  const stored = remote.filter(({ sha256 }) => sha256 !== undefined);
  return files.filter((file) => {
    const others = [...stored, ...files.filter((other) => other !== file)];
    return file.size >= LEAST_BYTES && others.some(({ size }) => isSimilar(size, file.size));
  });
}

function isSimilar(one: number, other: number): boolean {
  return Math.min(one, other) >= SIMILAR * Math.max(one, other);
}
