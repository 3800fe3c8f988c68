import { createBLAKE3, type IHasher } from 'hash-wasm';

/** Bytes of every hash in Xet: BLAKE3, keyed by what is hashed. */
export const HASH_BYTES = 32;

/** A chunk as the hashes above it see it. `length` is in bytes, unpacked. */
export interface HashedChunk {
  readonly hash: Uint8Array;
  readonly length: number;
}

/** The hashes of the Xet protocol (huggingface.co/docs/xet/hashing). All results are 32 bytes. */
export interface XetHasher {
  /** Of a chunk's content. */
  chunk(content: Uint8Array): Uint8Array;
  /** Of a xorb, from its chunks: the root of their tree. */
  xorb(chunks: readonly HashedChunk[]): Uint8Array;
  /** Of a file, from its chunks. */
  file(chunks: readonly HashedChunk[]): Uint8Array;
  /** One level of the tree over chunks from the level below it. */
  join(level: readonly HashedChunk[]): HashedChunk[];
  /** Of a range of chunks, from their hashes one after another: proof that a client has the content. */
  range(hashes: Uint8Array): Uint8Array;
}

// The keys of the protocol. Hashing the same bytes as a chunk and as a node must not give the same.
const CHUNK_KEY = hexKey('6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229');
const NODE_KEY = hexKey('017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f');
const RANGE_KEY = hexKey('7f1857d6ce56ed66127ff913e7a5c3f3a4cd26d5b5db49e64124987f28fb94c3');

export async function createXetHasher(): Promise<XetHasher> {
  const [chunk, node, range, file] = await Promise.all(
    [CHUNK_KEY, NODE_KEY, RANGE_KEY, Buffer.alloc(HASH_BYTES)].map(createKeyedHash),
  );
  if (chunk === undefined || node === undefined || range === undefined || file === undefined) {
    throw new Error('there are four keys');
  }
  const join = (level: readonly HashedChunk[]) => joinLevel(level, node);
  const root = (chunks: readonly HashedChunk[]) => findRoot(chunks, join);
  return { chunk, range, join, xorb: root, file: (chunks) => file(root(chunks)) };
}

/** BLAKE3 with a key of 32 bytes. */
export async function createKeyedHash(key: Uint8Array): Promise<(content: Uint8Array) => Uint8Array> {
  const hasher: IHasher = await createBLAKE3(HASH_BYTES * 8, key);
  return (content) => hasher.init().update(content).digest('binary');
}

/** Joins hashes level by level until one is left. No chunk at all is 32 zero bytes. */
function findRoot(
  chunks: readonly HashedChunk[],
  join: (level: readonly HashedChunk[]) => HashedChunk[],
): Uint8Array {
  let level = [...chunks];
  while (level.length > 1) level = join(level);
  return level[0]?.hash ?? Buffer.alloc(HASH_BYTES);
}

/** Joins hashes under nodes of 2 to 9. */
function joinLevel(level: readonly HashedChunk[], hashNode: (text: Uint8Array) => Uint8Array): HashedChunk[] {
  const above: HashedChunk[] = [];
  for (let start = 0; start < level.length; ) {
    const children = level.slice(start, findCut(level, start));
    start += children.length;
    const text = children.map(({ hash, length }) => `${toHex(hash)} : ${length}\n`).join('');
    const length = children.reduce((sum, child) => sum + child.length, 0);
    above.push({ hash: hashNode(Buffer.from(text)), length });
  }
  return above;
}

/** A node ends after the first of its 3rd to 9th children whose hash is divisible by 4, or at the 9th. */
function findCut(level: readonly HashedChunk[], start: number): number {
  const most = Math.min(start + 9, level.length);
  if (level.length - start <= 2) return level.length;
  for (let index = start + 2; index < most; index += 1) {
    const child = level[index];
    if (child !== undefined && isCut(child)) return index + 1;
  }
  return most;
}

/** Whether a node ends here where it may: the hash is divisible by 4. */
export function isCut({ hash }: HashedChunk): boolean {
  return ((hash[24] ?? 0) & 3) === 0;
}

/** Whether clients may ask for a chunk by its hash: one in 1024, by the hash's last number. */
export function isQueryable(hash: Uint8Array): boolean {
  return hash[24] === 0 && ((hash[25] ?? 0) & 3) === 0;
}

/** A hash as the protocol spells it: four numbers of 64 bits, little-endian in memory, in hexadecimal. */
export function toHex(hash: Uint8Array): string {
  return swapGroups(hash).toString('hex');
}

/** The hash that `toHex` spells so; `undefined` for anything but 64 lower-case digits. */
export function fromHex(text: string): Buffer | undefined {
  return /^[0-9a-f]{64}$/.test(text) ? swapGroups(Buffer.from(text, 'hex')) : undefined;
}

function swapGroups(hash: Uint8Array): Buffer {
  return Buffer.from(hash).swap64();
}

function hexKey(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
