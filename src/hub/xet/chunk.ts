import { unpackLz4 } from './lz4.ts';

/** Bytes of the header before each chunk in a xorb. */
export const CHUNK_HEADER = 8;
/** Bytes of a chunk, unpacked, at most. */
export const CHUNK_LIMIT = 128 * 1024;

/** A chunk's header (huggingface.co/docs/xet/xorb): sizes in bytes, and how it is packed. */
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

/** A chunk's content from its packed bytes; `undefined` when they are damaged. */
export function unpackChunk({ scheme, unpacked }: ChunkHeader, bytes: Uint8Array): Uint8Array | undefined {
  if (scheme === 0) return bytes.length === unpacked ? bytes : undefined;
  const content = unpackLz4(bytes, unpacked);
  return scheme === 1 || content === undefined ? content : ungroup(content);
}

/** Undoes the grouping by position in 4: all first bytes, all second bytes, and so on. */
function ungroup(grouped: Buffer): Buffer {
  const content = Buffer.alloc(grouped.length);
  let from = 0;
  for (let position = 0; position < 4; position += 1) {
    for (let to = position; to < content.length; to += 4) content[to] = grouped[from++] ?? 0;
  }
  return content;
}
