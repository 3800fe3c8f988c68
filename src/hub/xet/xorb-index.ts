import { HASH_BYTES, type HashedChunk } from '../../formats/xet/hash.ts';

// Per chunk: its hash, and where it ends in the xorb, unpacked and packed, both as 32 bits.
const ROW = HASH_BYTES + 8;

/** What a xorb holds, chunk by chunk. Ranges of chunks exclude their end, ranges of bytes too. */
export interface XorbIndex {
  readonly count: number;
  hash(chunk: number): Buffer;
  /** The hashes of a range, one after another. */
  hashes(start: number, end: number): Buffer;
  chunks(start: number, end: number): HashedChunk[];
  /** Bytes of a range, unpacked. */
  unpacked(start: number, end: number): number;
  /** Where a range lies in the stored file. */
  packed(start: number, end: number): { start: number; end: number };
}

/** Gathers the rows of an index while a xorb arrives. */
export function createXorbIndexWriter(): {
  readonly chunks: HashedChunk[];
  add(chunk: HashedChunk, packedBytes: number): void;
  finish(): Buffer;
} {
  const chunks: HashedChunk[] = [];
  const rows: Buffer[] = [];
  let unpacked = 0;
  let packed = 0;
  return {
    chunks,
    add(chunk, packedBytes) {
      unpacked += chunk.length;
      packed += packedBytes;
      const row = Buffer.alloc(ROW);
      row.set(chunk.hash);
      row.writeUInt32LE(unpacked, HASH_BYTES);
      row.writeUInt32LE(packed, HASH_BYTES + 4);
      rows.push(row);
      chunks.push(chunk);
    },
    finish: () => Buffer.concat(rows),
  };
}

export function readXorbIndex(bytes: Buffer): XorbIndex {
  const endOf = (chunk: number, at: number) => (chunk === 0 ? 0 : bytes.readUInt32LE((chunk - 1) * ROW + at));
  const unpackedEnd = (chunk: number) => endOf(chunk, HASH_BYTES);
  const packedEnd = (chunk: number) => endOf(chunk, HASH_BYTES + 4);
  const hash = (chunk: number) => bytes.subarray(chunk * ROW, chunk * ROW + HASH_BYTES);
  const each = <T>(start: number, end: number, of: (chunk: number) => T) =>
    Array.from({ length: end - start }, (_, offset) => of(start + offset));
  return {
    count: bytes.length / ROW,
    hash,
    hashes: (start, end) => Buffer.concat(each(start, end, hash)),
    chunks: (start, end) =>
      each(start, end, (chunk) => ({
        hash: hash(chunk),
        length: unpackedEnd(chunk + 1) - unpackedEnd(chunk),
      })),
    unpacked: (start, end) => unpackedEnd(end) - unpackedEnd(start),
    packed: (start, end) => ({ start: packedEnd(start), end: packedEnd(end) }),
  };
}
