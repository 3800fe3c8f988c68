import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Term } from '../../formats/xet/shard-layout.ts';
import { writeDurably } from '../storage/durable-file.ts';
import type { XorbStore } from './xorb-store.ts';

/** A file of a repository whose content lies in xorbs. */
export interface XetFile {
  readonly hash: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly terms: readonly Term[];
}

/** A repository's files in Xet, by both of their hashes. */
export interface XetFileStore {
  find(hash: string): Promise<XetFile | undefined>;
  findBySha256(sha256: string): Promise<XetFile | undefined>;
  add(file: XetFile): Promise<void>;
}

export function openXetFileStore(folder: string, temporaryFolder: string): XetFileStore {
  const filePath = (hash: string) => join(folder, 'files', `${hash}.json`);
  const shaPath = (sha256: string) => join(folder, 'sha256', sha256);
  const find = async (hash: string) => {
    const text = await readFile(filePath(hash), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as XetFile);
  };
  return {
    find,
    async findBySha256(sha256) {
      const hash = await readFile(shaPath(sha256), 'utf8').catch(() => undefined);
      return hash === undefined ? undefined : find(hash);
    },
    async add(file) {
      await writeDurably(filePath(file.hash), Buffer.from(JSON.stringify(file)), temporaryFolder);
      // Last, as it is what makes the file count as uploaded.
      await writeDurably(shaPath(file.sha256), Buffer.from(file.hash), temporaryFolder);
    },
  };
}

/** The terms of a file that hold the bytes from `start` up to `end`, cut to whole chunks. */
export interface CutTerms {
  readonly terms: readonly Term[];
  /** Bytes of the first term that come before `start`. */
  readonly skip: number;
}

/** Cuts a file's terms to the chunks that hold a range of its bytes; `end` is excluded. */
export async function cutTerms(
  xorbs: XorbStore,
  file: XetFile,
  start: number,
  end: number,
): Promise<CutTerms> {
  const terms: Term[] = [];
  let skip = 0;
  let position = 0;
  for (const term of file.terms) {
    const [from, to] = [position, position + term.length];
    position = to;
    if (to <= start || from >= end) continue;
    if (from >= start && to <= end) {
      terms.push(term);
      continue;
    }
    const index = await xorbs.index(term.xorb);
    if (index === undefined) throw new Error(`xorb ${term.xorb} is gone`);
    let first = term.start;
    while (from + index.unpacked(term.start, first + 1) <= start) first += 1;
    let last = term.end;
    while (last - 1 > first && from + index.unpacked(term.start, last - 1) >= end) last -= 1;
    if (from < start) skip = start - from - index.unpacked(term.start, first);
    terms.push({ xorb: term.xorb, start: first, end: last, length: index.unpacked(first, last) });
  }
  return { terms, skip };
}

/** A file's bytes from `start` to `end`, both inclusive, as they come out of its chunks. */
export async function* readXetFile(
  xorbs: XorbStore,
  file: XetFile,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const { terms, skip } = await cutTerms(xorbs, file, start, end + 1);
  let ahead = skip;
  let left = end + 1 - start;
  for (const term of terms) {
    const index = await xorbs.index(term.xorb);
    if (index === undefined) throw new Error(`xorb ${term.xorb} is gone`);
    for await (const content of xorbs.unpack(term.xorb, index, term.start, term.end)) {
      const part = content.subarray(ahead, ahead + left);
      ahead = Math.max(0, ahead - content.length);
      left -= part.length;
      if (part.length > 0) yield part;
    }
  }
}
