import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readInTurns } from '../../formats/read-in-turns.ts';
import type { LfsPointer } from '../lfs-pointer.ts';
import { readXetFile, type XetFile, type XetFileStore } from '../xet/file-store.ts';
import type { XorbStore } from '../xet/xorb-store.ts';
import { moveDurably } from './durable-file.ts';
import { gather, writeBatch } from './gather.ts';

/** Why a body was not taken: it is not the object that its name promises. */
export interface LfsRefusal {
  readonly refused: string;
}

/**
 * A repository's LFS objects, by SHA-256. Each is a file of its own, in git-lfs's layout `ab/cd/abcd…`, or made of
 * chunks in Xet; how it came here is not seen from outside.
 */
export interface LfsStore {
  /** Size in bytes; `undefined` when the object is not here. */
  size(oid: string): Promise<number | undefined>;
  /** Streams `body` to disk while hashing it, and keeps it only when size and SHA-256 are as promised. */
  ingest(expected: LfsPointer, body: AsyncIterable<Uint8Array>): Promise<LfsRefusal | undefined>;
  /** Takes a temporary file as it is, without copying it, when size and SHA-256 are as promised. */
  adopt(expected: LfsPointer, path: string): Promise<LfsRefusal | undefined>;
  /** The bytes from `start` to `end`, both inclusive. */
  read(oid: string, start: number, end: number): Promise<Readable>;
  /** The object in Xet; `undefined` when it is not there. */
  findXet(oid: string): Promise<XetFile | undefined>;
}

export function openLfsStore(
  folder: string,
  temporaryFolder: string,
  xetFiles: XetFileStore,
  xorbs: XorbStore,
): LfsStore {
  const pathOf = (oid: string) => join(folder, oid.slice(0, 2), oid.slice(2, 4), oid);
  return {
    size: async (oid) =>
      (await stat(pathOf(oid)).catch(() => undefined))?.size ?? (await xetFiles.findBySha256(oid))?.size,
    findXet: (oid) => xetFiles.findBySha256(oid),
    async ingest(expected, body) {
      const temporary = join(temporaryFolder, randomUUID());
      try {
        const refusal = await spool(temporary, expected, body);
        if (refusal === undefined) await moveDurably(temporary, pathOf(expected.oid));
        return refusal;
      } finally {
        await rm(temporary, { force: true });
      }
    },
    async adopt(expected, path) {
      const hash = createHash('sha256');
      let size = 0;
      await readInTurns(path, 1 << 20, (part) => {
        size += part.length;
        hash.update(part);
      });
      const refusal = compare(expected, size, hash.digest('hex'));
      if (refusal !== undefined) return refusal;
      const file = await open(path, 'r+');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      await moveDurably(path, pathOf(expected.oid));
      return undefined;
    },
    async read(oid, start, end) {
      const isPlain = (await stat(pathOf(oid)).catch(() => undefined)) !== undefined;
      const file = isPlain ? undefined : await xetFiles.findBySha256(oid);
      return file === undefined
        ? createReadStream(pathOf(oid), { start, end })
        : Readable.from(readXetFile(xorbs, file, start, end));
    },
  };
}

async function spool(
  path: string,
  expected: LfsPointer,
  body: AsyncIterable<Uint8Array>,
): Promise<LfsRefusal | undefined> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  let size = 0;
  try {
    for await (const batch of gather(body)) {
      let length = 0;
      for (const chunk of batch) {
        length += chunk.length;
        hash.update(chunk);
      }
      size += length;
      if (size > expected.size)
        return { refused: `the body is longer than the announced ${expected.size} bytes` };
      await writeBatch(file, batch, length);
    }
    const refusal = compare(expected, size, hash.digest('hex'));
    if (refusal === undefined) await file.sync();
    return refusal;
  } finally {
    await file.close();
  }
}

function compare(expected: LfsPointer, size: number, oid: string): LfsRefusal | undefined {
  if (size !== expected.size)
    return { refused: `the body has ${size} bytes, ${expected.size} were announced` };
  if (oid !== expected.oid) return { refused: `the body's SHA-256 is ${oid}, not ${expected.oid}` };
  return undefined;
}
