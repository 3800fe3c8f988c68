import { HubwrightError } from '../errors.ts';

/** One number a row. Both forms are read, neither is changed. */
export type Series = Float64Array | readonly number[];

/** Squares of differences of values up to this size, summed over ten million rows, stay below the largest double. */
const MAX_MAGNITUDE = 1e150;

/**
 * Checks that two series describe the same rows, with at least one row and finite numbers only.
 *
 * @throws HubwrightError `INPUT_INVALID`, naming the first row (counted from 0) that is wrong.
 */
export function assertPairedSeries(labels: Series, predictions: Series): void {
  if (labels.length !== predictions.length) {
    throw new HubwrightError(
      'INPUT_INVALID',
      `${labels.length} labels cannot be compared with ${predictions.length} predictions`,
      { hint: 'score exactly the rows that the labels come from, in the same order' },
    );
  }
  if (labels.length === 0) {
    throw new HubwrightError('INPUT_INVALID', 'there are no rows to measure', {
      hint: 'check that the test set has rows after its header',
    });
  }
  assertFiniteSeries(labels, 'label');
  assertFiniteSeries(predictions, 'prediction');
}

function assertFiniteSeries(values: Series, what: string): void {
  for (const [row, value] of values.entries()) {
    if (Math.abs(value) <= MAX_MAGNITUDE) continue;
    throw new HubwrightError(
      'INPUT_INVALID',
      `the ${what} of row ${row} is ${value}, expected a finite number of at most ±${MAX_MAGNITUDE}`,
      { hint: `look at row ${row} of the test set (rows are counted from 0, without the header)` },
    );
  }
}
