/**
 * Sketches of sets of word sequences ("shingles"), small enough to keep for every row of a large split.
 *
 * Each shingle has one 32-bit hash. A sketch has two parts, both made from these hashes: the smallest 128 of them, from
 * which the Jaccard similarity of two texts is estimated (exact where a text has no more than that; else its standard
 * error is at most 0.045), and 16 band keys, of which two texts that are alike share at least one with high probability:
 * at a similarity of 0.8, 95 %; at 0.9, 99.98 %.
 *
 * @see Broder, "On the resemblance and containment of documents" (1997), for minwise hashing and bottom-k sketches
 * @see Shrivastava, "Optimal densification for fast and accurate minwise hashing" (2017), for the bands' one pass
 */
export const SMALLEST = 128;
const BANDS = 16;
const ROWS_A_BAND = 8;
const BINS = BANDS * ROWS_A_BAND;
const WORDS_A_SHINGLE = 5;
const EMPTY = 0xffff_ffff;

export interface Sketches {
  readonly count: number;
  /** Ascending hashes of one text, each once. */
  smallest(row: number): Uint32Array;
  /** 16 keys of 32 bits; undefined for a text without words. */
  bands(row: number): Uint32Array | undefined;
}

export { BANDS };

/** Collects sketches of normalised texts, one after the other. */
export function createSketches() {
  const smallest: Uint32Array[] = [];
  const bands: (Uint32Array | undefined)[] = [];
  return {
    add(normalised: string): void {
      const hashes = hashShingles(normalised);
      smallest.push(Uint32Array.from(new Set(hashes)).sort().slice(0, SMALLEST));
      bands.push(hashes.length === 0 ? undefined : makeBands(hashes));
    },
    done: (): Sketches => ({
      count: smallest.length,
      smallest: (row) => smallest[row] as Uint32Array,
      bands: (row) => bands[row],
    }),
  };
}

/** Estimates the Jaccard similarity of two texts, 0 to 1, from their smallest hashes. */
export function estimateSimilarity(a: Uint32Array, b: Uint32Array): number {
  // A sketch that is not full is the whole set.
  const limit = Math.max(a.length, b.length) < SMALLEST ? Number.POSITIVE_INFINITY : SMALLEST;
  let [i, j, both, seen] = [0, 0, 0, 0];
  while (seen < limit && (i < a.length || j < b.length)) {
    const x = i < a.length ? (a[i] as number) : Number.POSITIVE_INFINITY;
    const y = j < b.length ? (b[j] as number) : Number.POSITIVE_INFINITY;
    if (x === y) both += 1;
    if (x <= y) i += 1;
    if (y <= x) j += 1;
    seen += 1;
  }
  return seen === 0 ? 0 : both / seen;
}

/** Hashes of all runs of five words; of a shorter text, of all its words together. */
function hashShingles(text: string): Uint32Array {
  const words = hashWords(text);
  if (words.length === 0) return new Uint32Array();
  const length = Math.min(WORDS_A_SHINGLE, words.length);
  const hashes = new Uint32Array(words.length - length + 1);
  for (let start = 0; start < hashes.length; start += 1) {
    let hash = length;
    for (let i = start; i < start + length; i += 1)
      hash = Math.imul(hash ^ (words[i] as number), 0x01000193) + 0x9e37;
    hashes[start] = scatter(hash);
  }
  return hashes;
}

/** FNV-1a of each word. */
function hashWords(text: string): number[] {
  const words: number[] = [];
  let hash = 0x811c9dc5;
  let length = 0;
  for (let i = 0; i <= text.length; i += 1) {
    const code = i < text.length ? text.charCodeAt(i) : 32;
    if (code === 32) {
      if (length > 0) words.push(hash);
      hash = 0x811c9dc5;
      length = 0;
    } else {
      hash = Math.imul(hash ^ code, 0x01000193);
      length += 1;
    }
  }
  return words;
}

/** The least hash of each bin, empty bins filled from others by a fixed walk; then keys of eight bins each. */
function makeBands(hashes: Uint32Array): Uint32Array {
  const bins = new Uint32Array(BINS).fill(EMPTY);
  for (const hash of hashes) {
    const bin = hash >>> 25;
    if (hash < (bins[bin] as number)) bins[bin] = hash;
  }
  const filled = bins.map((value, bin) => (value === EMPTY ? borrow(bins, bin) : value));
  const keys = new Uint32Array(BANDS);
  for (let band = 0; band < BANDS; band += 1) {
    let key = band + 1;
    for (let i = 0; i < ROWS_A_BAND; i += 1) key = scatter(key ^ (filled[band * ROWS_A_BAND + i] as number));
    keys[band] = key;
  }
  return keys;
}

function borrow(bins: Uint32Array, bin: number): number {
  for (let attempt = 1; ; attempt += 1) {
    const from = scatter(bin * 0x10001 + attempt) >>> 25;
    if (bins[from] !== EMPTY) return bins[from] as number;
  }
}

/** The finalizer of MurmurHash3: every bit of the input moves every bit of the output. */
function scatter(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
