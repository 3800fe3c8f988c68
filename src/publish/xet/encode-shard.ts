import { CHUNK_HEADER } from '../../formats/xet/chunk-header.ts';
import { fromHex, HASH_BYTES } from '../../formats/xet/hash.ts';
import {
  BOOKEND,
  encodeShardHeader,
  encodeXorbChunk,
  encodeXorbHead,
  HAS_METADATA,
  HAS_PROOFS,
  SHARD_ROW,
} from '../../formats/xet/shard-layout.ts';
import type { FilePlan, NewXorb } from './plan-file.ts';

/** The shard that registers one file: what it consists of, and what its new xorbs hold. */
export function encodeShard({ hash, terms, proofs, xorbs }: FilePlan, sha256: string): Buffer {
  const head = encodeRow(bytesOf(hash), [HAS_PROOFS + HAS_METADATA, terms.length]);
  return Buffer.concat([
    encodeShardHeader(0),
    head,
    ...terms.map(({ xorb, start, end, length }) => encodeRow(bytesOf(xorb), [0, length, start, end])),
    ...proofs.map((proof) => encodeRow(proof, [])),
    // The SHA-256 is written as if its hexadecimal form were one of the protocol's own hashes.
    encodeRow(bytesOf(sha256), []),
    BOOKEND,
    ...xorbs.flatMap(encodeXorb),
    BOOKEND,
  ]);
}

function encodeXorb({ hash, chunks }: NewXorb): Buffer[] {
  const unpacked = chunks.reduce((sum, { length }) => sum + length, 0);
  const head = encodeXorbHead(bytesOf(hash), {
    chunks: chunks.length,
    unpacked,
    packed: unpacked + chunks.length * CHUNK_HEADER,
  });
  let start = 0;
  const rows = chunks.map((chunk) => {
    const row = encodeXorbChunk(chunk.hash, start, chunk.length);
    start += chunk.length;
    return row;
  });
  return [head, ...rows];
}

function encodeRow(hash: Uint8Array, numbers: readonly number[]): Buffer {
  const row = Buffer.alloc(SHARD_ROW);
  row.set(hash);
  for (const [at, number] of numbers.entries()) row.writeUInt32LE(number, HASH_BYTES + 4 * at);
  return row;
}

function bytesOf(hash: string): Buffer {
  const bytes = fromHex(hash);
  if (bytes === undefined) throw new RangeError(`${hash} is no hash`);
  return bytes;
}
