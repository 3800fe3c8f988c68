import { type HashedChunk, isCut, toHex, type XetHasher } from '../../formats/xet/hash.ts';

/** What is known of the tree of hashes over a file from a run of its chunks alone, as the protocol spells it in JSON. */
export interface HashSubtree {
  /** The nodes that cannot be joined yet: those on the left, from the chunks up, then those on the right, downwards. */
  readonly nodes: readonly { readonly hash: string; readonly size: number }[];
  /** How many of them are on the left and on the right, level by level. */
  readonly levels: readonly (readonly [left: number, right: number])[];
  readonly at_start: boolean;
  readonly at_end: boolean;
}

/** Where a run of chunks lies in its file. */
export interface RunPlace {
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

/**
 * Joins what is joined in every file with these chunks, whatever comes before and behind them. Some ten nodes a level are
 * left of any number of chunks, so that a client that changes a part of a file need not know the hashes of the rest.
 */
export function buildSubtree(
  chunks: readonly HashedChunk[],
  { atStart, atEnd }: RunPlace,
  hasher: Pick<XetHasher, 'join'>,
): HashSubtree {
  const lefts: (readonly HashedChunk[])[] = [];
  const rights: (readonly HashedChunk[])[] = [];
  const isEmpty = (side: readonly HashedChunk[]) => side.length === 0;
  for (let level = chunks; ; ) {
    // A level begins where the file does only if all of the levels below were joined from their first node on.
    const { start, end } = findSettled(level, {
      atStart: atStart && lefts.every(isEmpty),
      atEnd: atEnd && rights.every(isEmpty),
    });
    lefts.push(level.slice(0, start));
    rights.push(level.slice(end));
    if (start === end) break;
    level = hasher.join(level.slice(start, end));
    if (level.length > 1) continue;
    lefts.push(level);
    rights.push([]);
    break;
  }
  const nodes = [...lefts, ...rights.toReversed()].flat();
  return {
    nodes: nodes.map(({ hash, length }) => ({ hash: toHex(hash), size: length })),
    levels: lefts.map((left, level) => [left.length, rights[level]?.length ?? 0]),
    at_start: atStart,
    at_end: atEnd,
  };
}

/** The part of a level whose grouping does not depend on its neighbours; where there is none, all of it is on the left. */
function findSettled(
  level: readonly HashedChunk[],
  { atStart, atEnd }: RunPlace,
): { start: number; end: number } {
  const none = { start: level.length, end: level.length };
  if (level.length <= 1) return none;
  const start = atStart ? 0 : findFirmCuts(level, 0)[0];
  if (start === undefined) return none;
  const end = atEnd ? level.length : findFirmCuts(level, start).at(-1);
  return end === undefined || end <= start ? none : { start, end };
}

/**
 * Where a group ends whatever stands before it: after a cut that is followed and preceded by another, each neither so near
 * that a group could run over it, nor so far that one could end between them.
 */
function findFirmCuts(level: readonly HashedChunk[], from: number): number[] {
  const cuts = level.flatMap((node, at) => (at >= from && isCut(node) ? [at] : []));
  const isFair = (gap: number) => gap > 2 && gap < 8;
  return cuts.flatMap((cut, at) => {
    const [before, after] = [cuts[at - 1], cuts[at + 1]];
    if (before === undefined || after === undefined) return [];
    return isFair(cut - before) && isFair(after - cut) ? [cut + 1] : [];
  });
}
