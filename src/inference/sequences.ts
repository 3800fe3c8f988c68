import { createHash } from 'node:crypto';

/** Distinct token sequences, and for each row which of them it is. */
export interface Sequences {
  /** Rows added. */
  readonly rows: number;
  /** Distinct sequences; they are numbered in the order of their first row. */
  readonly count: number;
  /** Tokens of the distinct sequences, special ones included. */
  readonly tokens: number;
  /** Adds a row and returns the number of its sequence. */
  add(ids: readonly number[]): number;
  ids(sequence: number): Uint32Array;
  length(sequence: number): number;
  /** sha256 over the token ids as little-endian uint32, as a string of 32 code units below 256. */
  digest(sequence: number): string;
  /** The sequence of a row. */
  ofRow(row: number): number;
}

/** Tokens in one block of the store; a longer sequence gets a block of its own. */
const BLOCK = 1 << 18;

/**
 * Keeps token ids in typed arrays: four bytes a token and some 150 a distinct row, where arrays of numbers take ten
 * times as much and every one of them is the garbage collector's to visit.
 */
export function createSequences(): Sequences {
  const known = new Map<string, number>();
  const digests: string[] = [];
  const views: Uint32Array[] = [];
  const rowSequence = growable();
  let block = new Uint32Array(BLOCK);
  let used = 0;
  let tokens = 0;
  const store = (ids: Uint32Array): Uint32Array => {
    if (ids.length > block.length - used) {
      block = new Uint32Array(Math.max(BLOCK, ids.length));
      used = 0;
    }
    const view = block.subarray(used, used + ids.length);
    view.set(ids);
    used += ids.length;
    return view;
  };
  return {
    get rows() {
      return rowSequence.length;
    },
    get count() {
      return views.length;
    },
    get tokens() {
      return tokens;
    },
    add(ids) {
      const packed = Uint32Array.from(ids);
      const digest = createHash('sha256').update(packed).digest().toString('latin1');
      let sequence = known.get(digest);
      if (sequence === undefined) {
        sequence = views.length;
        known.set(digest, sequence);
        digests.push(digest);
        views.push(store(packed));
        tokens += ids.length;
      }
      rowSequence.push(sequence);
      return sequence;
    },
    ids: (sequence) => views[sequence] ?? new Uint32Array(),
    length: (sequence) => views[sequence]?.length ?? 0,
    digest: (sequence) => digests[sequence] ?? '',
    ofRow: (row) => rowSequence.get(row),
  };
}

function growable() {
  let values = new Uint32Array(1024);
  let length = 0;
  return {
    get length() {
      return length;
    },
    get: (i: number) => values[i] ?? 0,
    push(value: number) {
      if (length === values.length) {
        const larger = new Uint32Array(length * 2);
        larger.set(values);
        values = larger;
      }
      values[length] = value;
      length += 1;
    },
  };
}
