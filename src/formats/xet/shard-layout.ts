import { HASH_BYTES } from './hash.ts';

// How a shard is laid out: huggingface.co/docs/xet/shard. It tells what files consist of, and what xorbs hold.

/** Every row has 48 bytes, the header too. */
export const SHARD_ROW = 48;
export const SHARD_MAGIC = Buffer.from(
  'HFRepoMetaData\0UigEj{\x81W\x83\xa5\xbd\xd9\\\xcd\xd1J\xa9',
  'latin1',
);
export const SHARD_VERSION = 2n;
export const SHARD_FOOTER_BYTES = 200;
/** Where the footer has the key behind which the hashes of chunks are hidden; 32 zero bytes when they are not. */
export const SHARD_KEY_AT = 72;
/** Flags of a file: a row for each term with the proof of it, and one with the SHA-256. */
export const HAS_PROOFS = 0x80000000;
export const HAS_METADATA = 0x40000000;
/** Ends the list of files, and that of xorbs. */
export const BOOKEND = Buffer.concat([Buffer.alloc(HASH_BYTES, 0xff), Buffer.alloc(SHARD_ROW - HASH_BYTES)]);

/** A run of chunks from one xorb. The end is excluded; `length` is in bytes, unpacked. */
export interface Term {
  readonly xorb: string;
  readonly start: number;
  readonly end: number;
  readonly length: number;
}

/** The hash that a row begins with. */
export function hashOfRow(row: Buffer): Buffer {
  return row.subarray(0, HASH_BYTES);
}

export function isBookend(row: Buffer): boolean {
  return hashOfRow(row).equals(hashOfRow(BOOKEND));
}

/** The first row. @param footerBytes 0 for a shard without a footer, as clients send it */
export function encodeShardHeader(footerBytes: number): Buffer {
  const header = Buffer.alloc(SHARD_ROW);
  header.set(SHARD_MAGIC);
  header.writeBigUInt64LE(SHARD_VERSION, HASH_BYTES);
  header.writeBigUInt64LE(BigInt(footerBytes), HASH_BYTES + 8);
  return header;
}

/** The row with which a xorb's chunks begin. Sizes in bytes, of all chunks together. */
export function encodeXorbHead(
  hash: Uint8Array,
  {
    chunks,
    unpacked,
    packed,
  }: { readonly chunks: number; readonly unpacked: number; readonly packed: number },
): Buffer {
  const head = Buffer.alloc(SHARD_ROW);
  head.set(hash);
  head.writeUInt32LE(chunks, 36);
  head.writeUInt32LE(unpacked, 40);
  head.writeUInt32LE(packed, 44);
  return head;
}

/** The row of one chunk of a xorb. `start` is where it begins among the unpacked bytes. */
export function encodeXorbChunk(hash: Uint8Array, start: number, length: number): Buffer {
  const row = Buffer.alloc(SHARD_ROW);
  row.set(hash);
  row.writeUInt32LE(start, 32);
  row.writeUInt32LE(length, 36);
  return row;
}
