import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { CHUNK_HEADER, readChunkHeader } from '../../formats/xet/chunk-header.ts';
import { fromHex, toHex, type XetHasher } from '../../formats/xet/hash.ts';
import { moveDurably, writeDurably } from '../storage/durable-file.ts';
import { unpackChunk } from './chunk.ts';
import { createXorbIndexWriter, readXorbIndex, type XorbIndex } from './xorb-index.ts';

/** Bytes of a serialized xorb, and of what may follow its chunks: the protocol's limit, and room for a footer. */
const XORB_LIMIT = 64 * 1024 * 1024;
const FOOTER_LIMIT = 4 * 1024 * 1024;
/** Chunks in a xorb. The reference client stops at half of this; unpacked it stays below 2^31 bytes. */
const CHUNKS_LIMIT = 16 * 1024 - 1;

/**
 * Xorbs by hash, for all repositories of a Hub, as on the real one: a client that has sent a chunk once refers to it
 * from every repository after that. The chunks lie as they were sent, without the footer; the index beside them is
 * written last, so that a xorb with an index is whole.
 */
export interface XorbStore {
  /** `undefined` when the xorb is not here. */
  index(hash: string): Promise<XorbIndex | undefined>;
  /** Takes a xorb as a client sends it. Every chunk is unpacked and hashed, and the whole must give `hash`. */
  ingest(hash: string, body: AsyncIterable<Uint8Array>): Promise<'stored' | { readonly refused: string }>;
  /** Packed bytes; `end` is excluded. */
  read(hash: string, start: number, end: number): Readable;
  /** The contents of a range of chunks, one by one. */
  unpack(hash: string, index: XorbIndex, start: number, end: number): AsyncGenerator<Uint8Array>;
  /** Makes the xorbs of a shard findable by a chunk of one of them; the first shard that has a chunk keeps it. */
  publish(hashes: readonly string[], chunk: Uint8Array): Promise<void>;
  /** The xorbs of the shard with which a chunk came, the one that has it among them; none when it is not published. */
  find(chunk: string): Promise<readonly string[]>;
}

export function openXorbStore(folder: string, temporaryFolder: string, hasher: XetHasher): XorbStore {
  const pathOf = (hash: string) => join(folder, 'xorbs', hash.slice(0, 2), hash);
  const chunkPath = (hash: string) => join(folder, 'chunks', hash.slice(0, 2), hash);
  return {
    async index(hash) {
      const bytes = await readFile(`${pathOf(hash)}.index`).catch(() => undefined);
      return bytes === undefined ? undefined : readXorbIndex(bytes);
    },
    async ingest(hash, body) {
      const temporary = join(temporaryFolder, randomUUID());
      try {
        const spooled = await spool(temporary, body, hasher);
        if ('refused' in spooled) return spooled;
        const actual = toHex(hasher.xorb(spooled.chunks));
        if (actual !== hash) return { refused: `the xorb's hash is ${actual}, not ${hash}` };
        await moveDurably(temporary, pathOf(hash));
        await writeDurably(`${pathOf(hash)}.index`, spooled.finish(), temporaryFolder);
        return 'stored';
      } finally {
        await rm(temporary, { force: true });
      }
    },
    read: (hash, start, end) => createReadStream(pathOf(hash), { start, end: end - 1 }),
    async *unpack(hash, index, start, end) {
      const range = index.packed(start, end);
      const stream = createReadStream(pathOf(hash), { start: range.start, end: range.end - 1 });
      for await (const chunk of splitChunks(stream)) {
        if (!('content' in chunk)) throw new Error(`xorb ${hash} is damaged on disk`);
        yield chunk.content;
      }
    },
    async publish(hashes, chunk) {
      const path = chunkPath(toHex(chunk));
      if ((await stat(path).catch(() => undefined)) !== undefined) return;
      await writeDurably(path, Buffer.from(hashes.join('\n')), temporaryFolder);
    },
    async find(chunk) {
      if (fromHex(chunk) === undefined) return [];
      const text = await readFile(chunkPath(chunk), 'utf8').catch(() => '');
      return text === '' ? [] : text.split('\n');
    },
  };
}

type Piece = { readonly content: Uint8Array; readonly packed: Uint8Array } | { readonly refused: string };

/** Splits a xorb into its chunks. Ends where the footer starts; the footer is read to its end and dropped. */
async function* splitChunks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  let pending = Buffer.alloc(0);
  let footer = -1;
  for await (const part of body) {
    if (footer >= 0) {
      footer += part.length;
      if (footer > FOOTER_LIMIT) return yield { refused: 'what follows the chunks is no footer' };
      continue;
    }
    pending = pending.length === 0 ? Buffer.from(part) : Buffer.concat([pending, part]);
    let at = 0;
    while (at + CHUNK_HEADER <= pending.length) {
      // A chunk starts with its version, 0; the footer with its name, "XETBLOB".
      if (pending[at] === 0x58) {
        footer = pending.length - at;
        break;
      }
      const header = readChunkHeader(pending.subarray(at));
      if (header === undefined) return yield { refused: 'a chunk has no valid header' };
      const end = at + CHUNK_HEADER + header.packed;
      if (end > pending.length) break;
      const packed = pending.subarray(at, end);
      const content = unpackChunk(header, packed.subarray(CHUNK_HEADER));
      if (content === undefined) return yield { refused: 'a chunk cannot be unpacked' };
      yield { content, packed };
      at = end;
    }
    pending = pending.subarray(at);
  }
  if (footer < 0 && pending.length > 0) yield { refused: 'the last chunk is cut off' };
}

async function spool(
  path: string,
  body: AsyncIterable<Uint8Array>,
  hasher: XetHasher,
): Promise<ReturnType<typeof createXorbIndexWriter> | { readonly refused: string }> {
  const index = createXorbIndexWriter();
  const file = await open(path, 'wx');
  let size = 0;
  try {
    for await (const piece of splitChunks(body)) {
      if ('refused' in piece) return piece;
      // hf_xet fills a xorb up to the limit with content; the headers come on top.
      size += piece.packed.length - CHUNK_HEADER;
      if (size > XORB_LIMIT) return { refused: `a xorb has at most ${XORB_LIMIT} bytes` };
      if (index.chunks.length === CHUNKS_LIMIT)
        return { refused: `a xorb has at most ${CHUNKS_LIMIT} chunks` };
      const hash = hasher.chunk(piece.content);
      index.add({ hash, length: piece.content.length }, piece.packed.length);
      await file.write(piece.packed);
    }
    if (index.chunks.length === 0) return { refused: 'the xorb has no chunk' };
    await file.sync();
    return index;
  } finally {
    await file.close();
  }
}
