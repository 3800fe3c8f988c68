/** One row of the test split, with what the model makes of it. */
export interface Example {
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

/** A longer text makes no example: nobody reads it, and it would be most of the card. */
const MAX_CHARACTERS = 2000;
const FEWEST_CANDIDATES = 20;

/**
 * Picks the highest-scored, the median and the lowest-scored of the shortest tenth of the rows, or of the shortest 20.
 * Ties go to the shorter text, then to the earlier row. Undefined when fewer than three rows are short enough.
 */
export function pickExamples(rows: readonly Example[]): Examples | undefined {
  const short = rows
    .filter(({ text }) => text.length <= MAX_CHARACTERS)
    .toSorted((a, b) => a.text.length - b.text.length);
  const candidates = short.slice(0, Math.max(FEWEST_CANDIDATES, Math.ceil(rows.length / 10)));
  const ranked = candidates.toSorted((a, b) => b.prediction - a.prediction);
  const [high, middle, low] = [ranked[0], ranked[Math.floor(ranked.length / 2)], ranked.at(-1)];
  if (ranked.length < 3 || high === undefined || middle === undefined || low === undefined) return undefined;
  return { high, middle, low };
}
