import { Hasher } from 'gearhash-jit';
import { CHUNK_LEAST, CHUNK_LIMIT } from '../../formats/xet/chunk-header.ts';

/** One byte in 2^16 ends a chunk. */
const MASK = 0xffff000000000000n;
/** The rolling hash has 64 bits and moves by one a byte: it knows nothing of what lies further back. */
const WINDOW = 64;
const SKIPPED = CHUNK_LEAST - WINDOW;

/** Finds where a file's chunks end, by its content alone (huggingface.co/docs/xet/chunking). */
export interface BoundaryFinder {
  /**
   * Takes the file's next bytes, up to where the current chunk ends: returns how many of them belong to it, or -1 when all
   * do and it goes on. After an end, the rest of the bytes is to be handed in again.
   */
  take(bytes: Uint8Array): number;
}

export function createBoundaryFinder(): BoundaryFinder {
  const hasher = new Hasher(MASK);
  let size = 0;
  return {
    take(bytes) {
      let at = Math.min(Math.max(0, SKIPPED - size), bytes.length);
      size += at;
      while (at < bytes.length) {
        const end = Math.min(bytes.length, at + CHUNK_LIMIT - size);
        const match = hasher.nextMatch(bytes.subarray(at, end));
        const step = match === -1 ? end - at : match;
        at += step;
        size += step;
        if ((match !== -1 && size >= CHUNK_LEAST) || size === CHUNK_LIMIT) {
          hasher.resetHash();
          size = 0;
          return at;
        }
      }
      return -1;
    },
  };
}
