import type { ChunkHeader } from '../../formats/xet/chunk-header.ts';
import { unpackLz4 } from './lz4.ts';

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
