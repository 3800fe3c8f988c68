import type { Series } from './series.ts';

/** A series as places in the ascending list of its distinct values: all that ranks and comparisons need. */
export interface Levels {
  /** The level of each row, counted from 0 for the smallest value. */
  readonly of: Uint32Array;
  /** Distinct values. */
  readonly count: number;
  /** Rows in ascending order of their level. */
  readonly order: Uint32Array;
}

export function findLevels(values: Series): Levels {
  const sorted = Float64Array.from(values).sort();
  let count = 0;
  for (const value of sorted) {
    if (count > 0 && sorted[count - 1] === value) continue;
    sorted[count] = value;
    count += 1;
  }
  const of = Uint32Array.from(values, (value) => findPlace(sorted, count, value));
  return { of, count, order: sortByLevel(of, count) };
}

/** Rows at each level; `weights` says how often each row counts, once by default. */
export function countLevels({ of, count }: Levels, weights?: Series): Float64Array {
  const counts = new Float64Array(count);
  for (let row = 0; row < of.length; row += 1) {
    const level = of[row] as number;
    counts[level] = (counts[level] as number) + (weights === undefined ? 1 : (weights[row] as number));
  }
  return counts;
}

/** Average ranks, counted from 1, of the values at each level: equal values share the mean of the ranks they span. */
export function rankLevels(counts: Float64Array): Float64Array {
  let before = 0;
  return counts.map((count) => {
    const rank = before + (count + 1) / 2;
    before += count;
    return rank;
  });
}

/** Where `value` stands among the first `count` of `sorted`. */
function findPlace(sorted: Float64Array, count: number, value: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sortByLevel(of: Uint32Array, count: number): Uint32Array {
  const next = new Uint32Array(count + 1);
  for (const level of of) next[level + 1] = (next[level + 1] as number) + 1;
  for (let level = 0; level < count; level += 1) {
    next[level + 1] = (next[level + 1] as number) + (next[level] as number);
  }
  const order = new Uint32Array(of.length);
  for (let row = 0; row < of.length; row += 1) {
    const level = of[row] as number;
    const place = next[level] as number;
    order[place] = row;
    next[level] = place + 1;
  }
  return order;
}
