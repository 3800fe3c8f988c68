import { HASH_BYTES, toHex } from './hash.ts';
import {
  HAS_METADATA,
  HAS_PROOFS,
  hashOfRow,
  isBookend,
  SHARD_FOOTER_BYTES,
  SHARD_KEY_AT,
  SHARD_MAGIC,
  SHARD_ROW,
  SHARD_VERSION,
  type Term,
} from './shard-layout.ts';

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
  /** Behind which the hashes of chunks are hidden; `undefined` when they are not. */
  readonly key: Buffer | undefined;
}

/** Reads a shard; `undefined` when it is damaged. Of the footer, which need not be there, only the key is looked at. */
export function parseShard(bytes: Buffer): Shard | undefined {
  if (!bytes.subarray(0, HASH_BYTES).equals(SHARD_MAGIC) || bytes.length < SHARD_ROW) return undefined;
  if (bytes.readBigUInt64LE(HASH_BYTES) !== SHARD_VERSION) return undefined;
  let at = SHARD_ROW;
  const next = (): Buffer => {
    if (at + SHARD_ROW > bytes.length) throw new RangeError('the shard ends too soon');
    at += SHARD_ROW;
    return bytes.subarray(at - SHARD_ROW, at);
  };
  const rows = (count: number) => {
    if (count > (bytes.length - at) / SHARD_ROW) throw new RangeError('the shard ends too soon');
    return Array.from({ length: count }, next);
  };
  try {
    const files: ShardFile[] = [];
    for (let head = next(); !isBookend(head); head = next()) files.push(readFile(head, rows));
    const xorbs: ShardXorb[] = [];
    for (let head = next(); !isBookend(head); head = next()) xorbs.push(readXorb(head, rows));
    return { files, xorbs, key: readKey(bytes) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readKey(bytes: Buffer): Buffer | undefined {
  if (bytes.readBigUInt64LE(HASH_BYTES + 8) !== BigInt(SHARD_FOOTER_BYTES)) return undefined;
  const at = bytes.length - SHARD_FOOTER_BYTES + SHARD_KEY_AT;
  if (at < SHARD_ROW) return undefined;
  const key = bytes.subarray(at, at + HASH_BYTES);
  return key.some((byte) => byte !== 0) ? key : undefined;
}

function readFile(head: Buffer, rows: (count: number) => Buffer[]): ShardFile {
  const flags = head.readUInt32LE(HASH_BYTES);
  const count = head.readUInt32LE(HASH_BYTES + 4);
  const terms = rows(count).map((row) => ({
    xorb: toHex(hashOfRow(row)),
    length: row.readUInt32LE(36),
    start: row.readUInt32LE(40),
    end: row.readUInt32LE(44),
  }));
  const proofs = (flags & HAS_PROOFS) === 0 ? [] : rows(count).map(hashOfRow);
  const metadata = (flags & HAS_METADATA) === 0 ? [] : rows(1).map(hashOfRow);
  // Clients write the SHA-256 as if its hexadecimal form were one of the protocol's own hashes.
  const sha256 = metadata[0] === undefined ? undefined : toHex(metadata[0]);
  return { hash: toHex(hashOfRow(head)), terms, proofs, sha256 };
}

function readXorb(head: Buffer, rows: (count: number) => Buffer[]): ShardXorb {
  const chunks = rows(head.readUInt32LE(HASH_BYTES + 4)).map((row) => ({
    hash: hashOfRow(row),
    start: row.readUInt32LE(32),
    length: row.readUInt32LE(36),
  }));
  return { hash: toHex(hashOfRow(head)), chunks };
}
