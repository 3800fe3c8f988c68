import { HASH_BYTES, toHex } from './hash.ts';
import type { XorbIndex } from './xorb-index.ts';

/** A run of chunks from one xorb. The end is excluded; `length` is in bytes, unpacked. */
export interface Term {
  readonly xorb: string;
  readonly start: number;
  readonly end: number;
  readonly length: number;
}

/** A file as a shard describes it. */
export interface ShardFile {
  readonly hash: string;
  readonly terms: readonly Term[];
  /** One hash a term: proof that the client has its chunks. */
  readonly proofs: readonly Buffer[];
  /** Hexadecimal; `undefined` when the shard does not say. */
  readonly sha256: string | undefined;
}

/** A xorb as a shard describes it. */
export interface ShardXorb {
  readonly hash: string;
  readonly chunks: readonly { readonly hash: Buffer; readonly start: number; readonly length: number }[];
}

export interface Shard {
  readonly files: readonly ShardFile[];
  readonly xorbs: readonly ShardXorb[];
}

// The format: huggingface.co/docs/xet/shard. Every row has 48 bytes, the header too.
const ROW = 48;
const MAGIC = Buffer.from('HFRepoMetaData\0UigEj{\x81W\x83\xa5\xbd\xd9\\\xcd\xd1J\xa9', 'latin1');
const VERSION = 2n;
const FOOTER_BYTES = 200;
const HAS_PROOFS = 0x80000000;
const HAS_METADATA = 0x40000000;
const BOOKEND = Buffer.concat([Buffer.alloc(HASH_BYTES, 0xff), Buffer.alloc(ROW - HASH_BYTES)]);

/** Reads a shard; `undefined` when it is damaged. A footer is neither needed nor looked at. */
export function parseShard(bytes: Buffer): Shard | undefined {
  if (!bytes.subarray(0, HASH_BYTES).equals(MAGIC) || bytes.length < ROW) return undefined;
  if (bytes.readBigUInt64LE(HASH_BYTES) !== VERSION) return undefined;
  let at = ROW;
  const next = (): Buffer => {
    if (at + ROW > bytes.length) throw new RangeError('the shard ends too soon');
    at += ROW;
    return bytes.subarray(at - ROW, at);
  };
  const rows = (count: number) => {
    if (count > (bytes.length - at) / ROW) throw new RangeError('the shard ends too soon');
    return Array.from({ length: count }, next);
  };
  try {
    const files: ShardFile[] = [];
    for (let head = next(); !isBookend(head); head = next()) files.push(readFile(head, rows));
    const xorbs: ShardXorb[] = [];
    for (let head = next(); !isBookend(head); head = next()) xorbs.push(readXorb(head, rows));
    return { files, xorbs };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readFile(head: Buffer, rows: (count: number) => Buffer[]): ShardFile {
  const flags = head.readUInt32LE(HASH_BYTES);
  const count = head.readUInt32LE(HASH_BYTES + 4);
  const terms = rows(count).map((row) => ({
    xorb: toHex(hashOf(row)),
    length: row.readUInt32LE(36),
    start: row.readUInt32LE(40),
    end: row.readUInt32LE(44),
  }));
  const proofs = (flags & HAS_PROOFS) === 0 ? [] : rows(count).map(hashOf);
  const metadata = (flags & HAS_METADATA) === 0 ? [] : rows(1).map(hashOf);
  // Clients write the SHA-256 as if its hexadecimal form were one of the protocol's own hashes.
  const sha256 = metadata[0] === undefined ? undefined : toHex(metadata[0]);
  return { hash: toHex(hashOf(head)), terms, proofs, sha256 };
}

function readXorb(head: Buffer, rows: (count: number) => Buffer[]): ShardXorb {
  const chunks = rows(head.readUInt32LE(HASH_BYTES + 4)).map((row) => ({
    hash: hashOf(row),
    start: row.readUInt32LE(32),
    length: row.readUInt32LE(36),
  }));
  return { hash: toHex(hashOf(head)), chunks };
}

/**
 * The answer to a question for a chunk: a shard that lists the xorb which has it, with every chunk's hash hidden
 * behind `hide`, so that only who has a chunk can recognise it. `key` is what clients need to do the same.
 */
export function encodeAnswerShard(
  xorb: Uint8Array,
  index: XorbIndex,
  key: Uint8Array,
  hide: (hash: Uint8Array) => Uint8Array,
  seconds: { now: number; expires: number },
): Buffer {
  const header = Buffer.alloc(ROW);
  header.set(MAGIC);
  header.writeBigUInt64LE(VERSION, 32);
  header.writeBigUInt64LE(BigInt(FOOTER_BYTES), 40);
  const head = Buffer.alloc(ROW);
  head.set(xorb);
  head.writeUInt32LE(index.count, 36);
  head.writeUInt32LE(index.unpacked(0, index.count), 40);
  head.writeUInt32LE(index.packed(0, index.count).end, 44);
  const rows = index.chunks(0, index.count).map(({ hash, length }, chunk) => {
    const row = Buffer.alloc(ROW);
    row.set(hide(hash));
    row.writeUInt32LE(index.unpacked(0, chunk), 32);
    row.writeUInt32LE(length, 36);
    return row;
  });
  const body = Buffer.concat([header, BOOKEND, head, ...rows, BOOKEND]);
  const footer = Buffer.alloc(FOOTER_BYTES);
  footer.writeBigUInt64LE(1n, 0);
  footer.writeBigUInt64LE(BigInt(ROW), 8);
  footer.writeBigUInt64LE(BigInt(2 * ROW), 16);
  // Three tables for looking things up; each is empty and starts where the rows end.
  for (const at of [24, 40, 56]) footer.writeBigUInt64LE(BigInt(body.length), at);
  footer.set(key, 72);
  footer.writeBigUInt64LE(BigInt(seconds.now), 104);
  footer.writeBigUInt64LE(BigInt(seconds.expires), 112);
  footer.writeBigUInt64LE(BigInt(body.length), 192);
  return Buffer.concat([body, footer]);
}

function hashOf(row: Buffer): Buffer {
  return row.subarray(0, HASH_BYTES);
}

function isBookend(row: Buffer): boolean {
  return hashOf(row).equals(BOOKEND.subarray(0, HASH_BYTES));
}
