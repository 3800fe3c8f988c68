import type { FileHandle } from 'node:fs/promises';
import { CHUNK_LIMIT } from '../../formats/xet/chunk-header.ts';
import type { XetHasher } from '../../formats/xet/hash.ts';
import { createBoundaryFinder } from './boundaries.ts';

/** A chunk of a file: 32 bytes of hash, and where it lies, in bytes. */
export interface FileChunk {
  readonly hash: Buffer;
  readonly offset: number;
  readonly length: number;
}

/** Bytes read at once; what is left of an unfinished chunk comes before them. */
const READ_BYTES = 2 * 1024 * 1024;

/**
 * Cuts a file into its chunks and hashes each, in one pass and in the memory of one read.
 *
 * @param onRead told after each read; what it throws ends the work
 */
export async function chunkFile(
  file: FileHandle,
  hasher: XetHasher,
  onRead: () => void = () => undefined,
): Promise<FileChunk[]> {
  const finder = createBoundaryFinder();
  const buffer = Buffer.allocUnsafeSlow(CHUNK_LIMIT + READ_BYTES);
  const chunks: FileChunk[] = [];
  let offset = 0;
  let pending = 0;
  const add = (content: Uint8Array) => {
    chunks.push({ hash: Buffer.from(hasher.chunk(content)), offset, length: content.length });
    offset += content.length;
  };
  for (;;) {
    const { bytesRead } = await file.read(buffer, pending, READ_BYTES, offset + pending);
    onRead();
    if (bytesRead === 0) break;
    const filled = pending + bytesRead;
    let start = 0;
    for (let scanned = pending; scanned < filled; ) {
      const taken = finder.take(buffer.subarray(scanned, filled));
      if (taken === -1) break;
      scanned += taken;
      add(buffer.subarray(start, scanned));
      start = scanned;
    }
    buffer.copyWithin(0, start, filled);
    pending = filled - start;
  }
  if (pending > 0) add(buffer.subarray(0, pending));
  return chunks;
}
