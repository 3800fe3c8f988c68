import { createHash } from 'node:crypto';
import { isQueryable, toHex, type XetHasher } from '../../formats/xet/hash.ts';
import type { Shard, ShardFile, ShardXorb } from '../../formats/xet/shard.ts';
import { readXetFile, type XetFile, type XetFileStore } from './file-store.ts';
import type { XorbIndex } from './xorb-index.ts';
import type { XorbStore } from './xorb-store.ts';

/** Thrown for a shard that says what is not so; the message is for the client. */
export class ShardError extends Error {}

/**
 * Takes the files of a shard into a repository. Nothing is believed: xorbs must be here and hold what is said of them,
 * the client must prove that it has every chunk, and the file's own hash and SHA-256 are computed again from the chunks.
 *
 * @param onVerified told after each file how many there were
 */
export async function registerShard(
  shard: Shard,
  files: XetFileStore,
  { xorbs, hasher }: { readonly xorbs: XorbStore; readonly hasher: XetHasher },
  onVerified?: (count: number) => void,
): Promise<{ added: boolean }> {
  const indexes = new Map<string, XorbIndex>();
  const indexOf = async (hash: string): Promise<XorbIndex> => {
    const index = indexes.get(hash) ?? (await xorbs.index(hash));
    if (index === undefined) throw new ShardError(`xorb ${hash} was not uploaded`);
    indexes.set(hash, index);
    return index;
  };
  for (const xorb of shard.xorbs) checkXorb(xorb, await indexOf(xorb.hash));
  let added = false;
  for (const [index, described] of shard.files.entries()) {
    const file = await checkTerms(described, indexOf, hasher);
    // What was hashed before needs no hashing again.
    if ((await files.find(file.hash))?.sha256 !== file.sha256) {
      await checkContent(file, xorbs);
      await files.add(file);
      added = true;
    }
    onVerified?.(index + 1);
  }
  await publishChunks(shard, xorbs, indexOf);
  return { added };
}

/** What clients may ask for afterwards: one chunk in 1024, and the first of each file. */
async function publishChunks(
  shard: Shard,
  xorbs: XorbStore,
  indexOf: (hash: string) => Promise<XorbIndex>,
): Promise<void> {
  const together = shard.xorbs.map(({ hash }) => hash);
  for (const { chunks } of shard.xorbs) {
    for (const { hash } of chunks) if (isQueryable(hash)) await xorbs.publish(together, hash);
  }
  for (const { terms } of shard.files) {
    const [first] = terms;
    if (first === undefined) continue;
    const near = together.includes(first.xorb) ? together : [first.xorb];
    await xorbs.publish(near, (await indexOf(first.xorb)).hash(first.start));
  }
}

function checkXorb({ hash, chunks }: ShardXorb, index: XorbIndex): void {
  const isRight =
    chunks.length === index.count &&
    chunks.every(
      (chunk, at) =>
        chunk.hash.equals(index.hash(at)) &&
        chunk.start === index.unpacked(0, at) &&
        chunk.length === index.unpacked(at, at + 1),
    );
  if (!isRight) throw new ShardError(`xorb ${hash} does not have the chunks that the shard lists`);
}

async function checkTerms(
  { hash, terms, proofs, sha256 }: ShardFile,
  indexOf: (hash: string) => Promise<XorbIndex>,
  hasher: XetHasher,
): Promise<XetFile> {
  const refuse = (why: string) => new ShardError(`file ${hash} ${why}`);
  if (sha256 === undefined) throw refuse('comes without its SHA-256');
  if (terms.length === 0 || proofs.length !== terms.length) throw refuse('has not one proof a term');
  const chunks = [];
  for (const [at, { xorb, start, end, length }] of terms.entries()) {
    const index = await indexOf(xorb);
    if (start >= end || end > index.count || index.unpacked(start, end) !== length) {
      throw refuse(`has a term that xorb ${xorb} does not have`);
    }
    if (!proofs[at]?.equals(hasher.range(index.hashes(start, end)))) {
      throw refuse('has a term whose verification hash is wrong');
    }
    for (const chunk of index.chunks(start, end)) chunks.push(chunk);
  }
  const actual = toHex(hasher.file(chunks));
  if (actual !== hash) throw refuse(`has the hash ${actual} by its chunks`);
  const size = terms.reduce((sum, { length }) => sum + length, 0);
  return { hash, sha256, size, terms };
}

async function checkContent(file: XetFile, xorbs: XorbStore): Promise<void> {
  const digest = createHash('sha256');
  for await (const part of readXetFile(xorbs, file, 0, file.size - 1)) digest.update(part);
  const actual = digest.digest('hex');
  if (actual === file.sha256) return;
  throw new ShardError(`file ${file.hash} has the SHA-256 ${actual} by its chunks, not ${file.sha256}`);
}
