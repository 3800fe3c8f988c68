import type { Split } from '../splits.ts';

/** One row of the test split, with what the model makes of it. */
export interface Example {
  /** In the test split, counted from 0. */
  readonly row: number;
  readonly cells: Readonly<Record<string, string>>;
  readonly text: string;
  readonly label: number;
  readonly prediction: number;
}

/** The rows that the card shows, by their score. */
export interface Examples {
  readonly high: Example;
  readonly middle: Example;
  readonly low: Example;
}

/** What the card's widget calls them, in the order of `card_facts.json`. */
export const EXAMPLE_TITLES = {
  high: 'High score',
  middle: 'Middle score',
  low: 'Low score',
} as const satisfies Record<keyof Examples, string>;

/** A longer text makes no example: nobody reads it, and it would be most of the card. */
const MAX_CHARACTERS = 2000;
const FEWEST_CANDIDATES = 20;
/** Rows to choose from for each place: the first one may be about to round either way. */
const ALTERNATIVES = 3;
/** Decimals that the card prints. */
export const DECIMALS = 3;
/** In units of the last decimal. Two runtimes differ by some 1e-6, and print the same digits for all further away. */
const ROUNDING_EDGE = 0.02;

/** The test split row by row, with a prediction each. */
export function listRows(test: Split, predictions: Float64Array): Example[] {
  return test.table.rows.map(({ cells }, row) => ({
    row,
    cells,
    text: test.texts[row] ?? '',
    label: test.labels[row] ?? Number.NaN,
    prediction: predictions[row] ?? Number.NaN,
  }));
}

/**
 * Lists rows that can be examples: of the shortest tenth, or the shortest 20, those that score highest, around the
 * median, and lowest; three for each place, the best first. Ties go to the shorter text, then to the earlier row.
 * Empty when fewer than three rows are short enough.
 */
export function listExampleCandidates(rows: readonly Example[]): readonly (readonly Example[])[] {
  const short = rows
    .filter(({ text }) => text.length <= MAX_CHARACTERS)
    .toSorted((a, b) => a.text.length - b.text.length);
  const candidates = short.slice(0, Math.max(FEWEST_CANDIDATES, Math.ceil(rows.length / 10)));
  const ranked = candidates.toSorted((a, b) => b.prediction - a.prediction);
  if (ranked.length < 3) return [];
  const most = Math.min(ALTERNATIVES, Math.floor(ranked.length / 3));
  const middle = Math.floor(ranked.length / 2);
  return [
    ranked.slice(0, most),
    ranked.slice(middle, middle + most),
    ranked.slice(ranked.length - most).reverse(),
  ];
}

/** Takes from each place the first candidate whose score prints the same after a last-digit change. */
export function pickExamples(candidates: readonly (readonly Example[])[]): Examples | undefined {
  const [high, middle, low] = candidates.map(
    (place) => place.find(({ prediction }) => isFirm(prediction)) ?? place[0],
  );
  return high === undefined || middle === undefined || low === undefined ? undefined : { high, middle, low };
}

function isFirm(score: number): boolean {
  const units = Math.abs(score) * 10 ** DECIMALS;
  return Math.abs(units - Math.floor(units) - 0.5) > ROUNDING_EDGE;
}
