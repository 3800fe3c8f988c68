import { CHUNK_HEADER } from '../../formats/xet/chunk-header.ts';
import { toHex, type XetHasher } from '../../formats/xet/hash.ts';
import type { Term } from '../../formats/xet/shard-layout.ts';
import type { FileChunk } from './chunk-file.ts';
import { type KnownChunks, keyOf } from './known-chunks.ts';

/** Chunks of a file that the content store does not have, to be sent together. */
export interface NewXorb {
  readonly hash: string;
  readonly chunks: readonly FileChunk[];
}

/** What a file consists of, and what of it has to be sent. */
export interface FilePlan {
  readonly hash: string;
  readonly terms: readonly Term[];
  /** One hash a term: proof that its chunks are here. */
  readonly proofs: readonly Uint8Array[];
  readonly xorbs: readonly NewXorb[];
}

/** The protocol's limit for a xorb with its headers (huggingface.co/docs/xet/xorb), and the one for chunks that clients keep. */
const XORB_BYTES = 64 * 1024 * 1024;
const XORB_CHUNKS = 8 * 1024;

interface Run {
  xorb: string | Draft;
  start: number;
  end: number;
  length: number;
  readonly hashes: Buffer[];
}
/** A xorb before its hash is known. */
interface Draft {
  readonly chunks: FileChunk[];
  bytes: number;
}

/** Puts the chunks that are not known into xorbs, in the file's order, and names the place of each. */
export function planFile(chunks: readonly FileChunk[], known: KnownChunks, hasher: XetHasher): FilePlan {
  const drafts: Draft[] = [];
  const fresh = new Map<string, { xorb: Draft; index: number }>();
  const place = (chunk: FileChunk): { xorb: string | Draft; index: number } => {
    const key = keyOf(chunk.hash);
    const there = known.find(chunk.hash) ?? fresh.get(key);
    if (there !== undefined) return there;
    let draft = drafts.at(-1);
    const bytes = CHUNK_HEADER + chunk.length;
    if (draft === undefined || draft.chunks.length === XORB_CHUNKS || draft.bytes + bytes > XORB_BYTES) {
      draft = { chunks: [], bytes: 0 };
      drafts.push(draft);
    }
    const placed = { xorb: draft, index: draft.chunks.length };
    draft.chunks.push(chunk);
    draft.bytes += bytes;
    fresh.set(key, placed);
    return placed;
  };

  const runs: Run[] = [];
  for (const chunk of chunks) {
    const { xorb, index } = place(chunk);
    const last = runs.at(-1);
    if (last !== undefined && last.xorb === xorb && last.end === index) {
      last.end += 1;
      last.length += chunk.length;
      last.hashes.push(chunk.hash);
    } else {
      runs.push({ xorb, start: index, end: index + 1, length: chunk.length, hashes: [chunk.hash] });
    }
  }

  const names = new Map(drafts.map((draft) => [draft, toHex(hasher.xorb(draft.chunks))]));
  const nameOf = (xorb: string | Draft) => (typeof xorb === 'string' ? xorb : (names.get(xorb) ?? ''));
  return {
    hash: toHex(hasher.file(chunks)),
    terms: runs.map(({ xorb, start, end, length }) => ({ xorb: nameOf(xorb), start, end, length })),
    proofs: runs.map(({ hashes }) => hasher.range(Buffer.concat(hashes))),
    xorbs: drafts.map((draft) => ({ hash: nameOf(draft), chunks: draft.chunks })),
  };
}
