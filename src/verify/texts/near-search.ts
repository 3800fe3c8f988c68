import { BANDS, estimateSimilarity, type Sketches } from './sketch.ts';

export interface NearMatch {
  /** Row of the one, counted from 0. */
  readonly row: number;
  /** The most similar row that was found in the other. */
  readonly other: number;
  /** Jaccard similarity, estimated. */
  readonly similarity: number;
}

/** Texts made from one form fill a bucket; of those, this many are compared. */
const MAX_CANDIDATES = 24;
/** Rows are in the low bits of a key: 2^20 of them, and 32 bits of the band above. */
const MAX_ROWS = 2 ** 20;

/**
 * For each row of `sketches` the row of `others` that is most like it, where that is `threshold` or more. Finds most such
 * pairs, not all: see `sketch.ts`.
 */
export function findNearRows(sketches: Sketches, others: Sketches, threshold: number): NearMatch[] {
  const index = indexBands(others);
  const found: NearMatch[] = [];
  for (let row = 0; row < sketches.count; row += 1) {
    const own = sketches.smallest(row);
    let best: NearMatch | undefined;
    for (const other of listCandidates(index, sketches.bands(row))) {
      const similarity = estimateSimilarity(own, others.smallest(other));
      if (similarity >= threshold && similarity > (best?.similarity ?? 0)) best = { row, other, similarity };
    }
    if (best !== undefined) found.push(best);
  }
  return found;
}

/** By band, key and row in one number each, ascending. */
function indexBands(sketches: Sketches): Float64Array[] {
  const count = Math.min(sketches.count, MAX_ROWS);
  return Array.from({ length: BANDS }, (_, band) => {
    const entries = new Float64Array(count);
    let used = 0;
    for (let row = 0; row < count; row += 1) {
      const key = sketches.bands(row)?.[band];
      if (key !== undefined) entries[used++] = key * MAX_ROWS + row;
    }
    return entries.subarray(0, used).sort();
  });
}

function listCandidates(index: readonly Float64Array[], bands: Uint32Array | undefined): Set<number> {
  const candidates = new Set<number>();
  for (const [band, entries] of index.entries()) {
    const key = bands?.[band];
    if (key === undefined) continue;
    const first = key * MAX_ROWS;
    const start = lowerBound(entries, first);
    for (let i = start; i < entries.length && i < start + MAX_CANDIDATES; i += 1) {
      const entry = entries[i] as number;
      if (entry >= first + MAX_ROWS) break;
      candidates.add(entry - first);
    }
  }
  return candidates;
}

function lowerBound(entries: Float64Array, value: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
