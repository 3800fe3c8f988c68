import {
  BOOKEND,
  encodeShardHeader,
  encodeXorbChunk,
  encodeXorbHead,
  SHARD_FOOTER_BYTES,
  SHARD_KEY_AT,
  SHARD_ROW,
} from '../../formats/xet/shard-layout.ts';
import type { XorbIndex } from './xorb-index.ts';

/**
 * The answer to a question for a chunk: a shard that lists xorbs, with every chunk's hash hidden behind `hide`, so that
 * only who has a chunk can recognise it. `key` is what clients need to do the same.
 */
export function encodeAnswerShard(
  xorbs: readonly { readonly hash: Uint8Array; readonly index: XorbIndex }[],
  key: Uint8Array,
  hide: (hash: Uint8Array) => Uint8Array,
  seconds: { now: number; expires: number },
): Buffer {
  const rows = xorbs.flatMap(({ hash, index }) => [
    encodeXorbHead(hash, {
      chunks: index.count,
      unpacked: index.unpacked(0, index.count),
      packed: index.packed(0, index.count).end,
    }),
    ...index
      .chunks(0, index.count)
      .map((chunk, at) => encodeXorbChunk(hide(chunk.hash), index.unpacked(0, at), chunk.length)),
  ]);
  const body = Buffer.concat([encodeShardHeader(SHARD_FOOTER_BYTES), BOOKEND, ...rows, BOOKEND]);
  const footer = Buffer.alloc(SHARD_FOOTER_BYTES);
  footer.writeBigUInt64LE(1n, 0);
  footer.writeBigUInt64LE(BigInt(SHARD_ROW), 8);
  footer.writeBigUInt64LE(BigInt(2 * SHARD_ROW), 16);
  // Three tables for looking things up; each is empty and starts where the rows end.
  for (const at of [24, 40, 56]) footer.writeBigUInt64LE(BigInt(body.length), at);
  footer.set(key, SHARD_KEY_AT);
  footer.writeBigUInt64LE(BigInt(seconds.now), 104);
  footer.writeBigUInt64LE(BigInt(seconds.expires), 112);
  footer.writeBigUInt64LE(BigInt(body.length), 192);
  return Buffer.concat([body, footer]);
}
