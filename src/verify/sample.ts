import { createHash } from 'node:crypto';
import { HubwrightError } from '../errors.ts';

/** Some rows instead of all, for a quick look. */
export interface SampleRequest {
  /** Rows to look at, at least 2. */
  readonly rows: number;
  /** Another seed, other rows. */
  readonly seed: number;
}

/**
 * The rows of a sample, ascending, counted from 0: those whose number, hashed with the seed, comes first. So a larger
 * sample holds every row of a smaller one.
 *
 * @throws HubwrightError USAGE for less than two rows, or as many as there are.
 */
export function chooseRows(total: number, { rows, seed }: SampleRequest): Uint32Array {
  if (rows < 2 || rows >= total) {
    throw new HubwrightError('USAGE', `a sample of ${rows} rows of a test split of ${total}`, {
      hint: rows < 2 ? 'take two rows or more' : 'verify all rows: leave --sample out',
    });
  }
  const ranked = Array.from({ length: total }, (_, row) => ({
    row,
    rank: createHash('sha256').update(`${seed} ${row}`).digest().readUIntBE(0, 6),
  })).sort((a, b) => a.rank - b.rank || a.row - b.row);
  return Uint32Array.from(ranked.slice(0, rows), ({ row }) => row).sort();
}
