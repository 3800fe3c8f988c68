/** Bytes of the header before each chunk in a xorb. */
export const CHUNK_HEADER = 8;
/** Bytes of a chunk at least, but for a file's last. */
export const CHUNK_LEAST = 8 * 1024;
/** Bytes of a chunk, unpacked, at most. */
export const CHUNK_LIMIT = 128 * 1024;

/** A chunk's header (huggingface.co/docs/xet/xorb): sizes in bytes, and how it is packed: 0 is not at all. */
export interface ChunkHeader {
  readonly packed: number;
  readonly unpacked: number;
  readonly scheme: number;
}

/** Reads the header at the start of `bytes`; `undefined` when it is none. */
export function readChunkHeader(bytes: Buffer): ChunkHeader | undefined {
  if (bytes.length < CHUNK_HEADER || bytes[0] !== 0) return undefined;
  const header = { packed: bytes.readUIntLE(1, 3), scheme: bytes[4] ?? 0, unpacked: bytes.readUIntLE(5, 3) };
  const isSane = header.scheme <= 2 && header.unpacked > 0 && header.unpacked <= CHUNK_LIMIT;
  // What does not shrink is stored as it is, so a packed chunk is never much longer than the unpacked one.
  return isSane && header.packed <= CHUNK_LIMIT + 1024 ? header : undefined;
}

/** The header of a chunk that is stored as it is. */
export function encodePlainChunkHeader(length: number): Buffer {
  const header = Buffer.alloc(CHUNK_HEADER);
  header.writeUIntLE(length, 1, 3);
  header.writeUIntLE(length, 5, 3);
  return header;
}
