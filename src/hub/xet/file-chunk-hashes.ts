import { CHUNK_LEAST, CHUNK_LIMIT } from '../../formats/xet/chunk-header.ts';
import { type HashedChunk, toHex, type XetHasher } from '../../formats/xet/hash.ts';
import type { XetFile } from './file-store.ts';
import { buildSubtree, type HashSubtree } from './hash-subtree.ts';
import type { XorbStore } from './xorb-store.ts';

/** Bytes of a file, the end excluded. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What a client has to know of a file to change ranges of it without the rest, as the protocol spells it in JSON. */
export interface FileChunkHashes {
  readonly totalChunks: number;
  readonly fileSize: number;
  /** What has to be cut into chunks anew: the dirty ranges, and behind each as much as may be cut differently then. */
  readonly windows: readonly { readonly dirtyByteRange: readonly [start: number, end: number] }[];
  /** The hashes of what is before, between and behind the windows; null where nothing is. */
  readonly hashRanges: readonly (HashSubtree | null)[];
  /** For each term outside all windows the proof that a client has it. */
  readonly gapVerification: readonly string[];
}

export async function describeAround(
  file: XetFile,
  dirty: readonly ByteRange[],
  { xorbs, hasher }: { readonly xorbs: XorbStore; readonly hasher: XetHasher },
): Promise<FileChunkHashes> {
  const chunks: HashedChunk[] = [];
  const terms: { readonly start: number; readonly end: number; readonly hashes: Buffer }[] = [];
  for (const { xorb, start, end } of file.terms) {
    const index = await xorbs.index(xorb);
    if (index === undefined) throw new Error(`xorb ${xorb} is gone`);
    const first = chunks.length;
    for (const chunk of index.chunks(start, end)) chunks.push(chunk);
    terms.push({ start: first, end: chunks.length, hashes: index.hashes(start, end) });
  }
  const windows = findWindows(chunks, dirty);
  const gaps = [...windows, undefined].map((window, at) => ({
    start: windows[at - 1]?.end ?? 0,
    end: window?.start ?? chunks.length,
  }));
  return {
    totalChunks: chunks.length,
    fileSize: file.size,
    windows: windows.map(({ bytes }) => ({ dirtyByteRange: [bytes.start, bytes.end] })),
    hashRanges: gaps.map(({ start, end }, at) => {
      const place = { atStart: at === 0, atEnd: at === windows.length };
      return start === end ? null : buildSubtree(chunks.slice(start, end), place, hasher);
    }),
    gapVerification: terms
      .filter((term) => windows.every(({ start, end }) => term.end <= start || term.start >= end))
      .map(({ hashes }) => toHex(hasher.range(hashes))),
  };
}

/** A run of chunks, the end excluded, and the bytes that they are. */
interface Window {
  start: number;
  end: number;
  bytes: { start: number; end: number };
}

/** Each window ends only where the chunks before and behind it are cut as they were, whatever it holds. */
function findWindows(chunks: readonly HashedChunk[], dirty: readonly ByteRange[]): Window[] {
  const windows: Window[] = [];
  let open: Window | undefined;
  let before: HashedChunk | undefined;
  let position = 0;
  for (const [at, chunk] of chunks.entries()) {
    const [start, end] = [position, position + chunk.length];
    position = end;
    const isDirty = dirty.some((range) => end > range.start && start < range.end);
    if (isDirty && open === undefined) {
      open = { start: at, end: at, bytes: { start, end } };
      windows.push(open);
    }
    if (open === undefined) continue;
    open.end = at + 1;
    open.bytes.end = end;
    const isSettled = !isDirty && before !== undefined && isSteady(before) && isSteady(chunk);
    before = isDirty ? undefined : chunk;
    if (isSettled) [open, before] = [undefined, undefined];
  }
  return windows;
}

/** Of two such chunks in a row the cutter finds the cut between them from wherever it begins. */
function isSteady({ length }: HashedChunk): boolean {
  return length >= 2 * CHUNK_LEAST && length < CHUNK_LIMIT - CHUNK_LEAST;
}

/**
 * Reads `X-Range-Dirty: bytes=0-99,200-299`, ranges in order that do not overlap. Undefined for anything else.
 * `unsatisfiable` for a range that the file does not have.
 */
export function parseDirtyRanges(
  header: string | undefined,
  size: number,
): readonly ByteRange[] | 'unsatisfiable' | undefined {
  const [, list] = /^bytes=(\d{1,15}-\d{1,15}(?:, ?\d{1,15}-\d{1,15})*)$/.exec(header ?? '') ?? [];
  if (list === undefined) return undefined;
  const ranges = list.split(',').map((range) => {
    const [first, last] = range.split('-').map(Number);
    return { start: first ?? 0, end: (last ?? 0) + 1 };
  });
  const isOrdered = ranges.every(({ start, end }, at) => start < end && start >= (ranges[at - 1]?.end ?? 0));
  if (!isOrdered) return undefined;
  return (ranges.at(-1)?.end ?? 0) > size ? 'unsatisfiable' : ranges;
}
