const POINTER = Buffer.from('version https://git-lfs.github.com/spec/');

/** Bytes at the start of a file that tell whether it is one. */
export const POINTER_BYTES = POINTER.length;

/** Whether a file that starts so is git-LFS's three lines about a large file instead of that file. */
export function isLfsPointer(start: Uint8Array): boolean {
  return POINTER.equals(start.subarray(0, POINTER.length));
}
