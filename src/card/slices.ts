import { quantileSorted } from 'd3-array';
import { measureRegression, type RegressionMetrics } from '../metrics/regression.ts';
import { formatCount } from '../plot/number-text.ts';
import { formatFixed } from './number-text.ts';

/** Some of the test rows, and what the model is worth on them. */
export interface Slice {
  readonly name: string;
  readonly metrics: RegressionMetrics;
}

const LENGTH_SLICES = 4;
const LABEL_SLICES = 5;
/** Errors of fewer rows than this say more about the rows than about the model. */
const FEWEST_ROWS = 20;

/** The test rows by length: quarters of about equal count, shortest first. None where there are too few rows. */
export function sliceByLength(
  labels: Float64Array,
  predictions: Float64Array,
  tokens: readonly number[],
): Slice[] {
  if (tokens.length < LENGTH_SLICES * FEWEST_ROWS || tokens.length !== labels.length) return [];
  const sorted = tokens.toSorted((a, b) => a - b);
  const cuts = Array.from({ length: LENGTH_SLICES + 1 }, (_, i) =>
    Math.round(quantileSorted(sorted, i / LENGTH_SLICES) ?? 0),
  );
  const slices = [...new Set(cuts)].slice(1);
  return slices.flatMap((most, i) => {
    const least = i === 0 ? (sorted[0] ?? 0) : (slices[i - 1] ?? 0) + 1;
    const name = least === most ? formatCount(most) : `${formatCount(least)} to ${formatCount(most)}`;
    return measureSlice(name, labels, predictions, (row) => {
      const length = tokens[row] ?? Number.NaN;
      return length >= least && length <= most;
    });
  });
}

/** The test rows by true score: fifths of the range from `least` to `most`; those without rows are left out. */
export function sliceByLabel(
  labels: Float64Array,
  predictions: Float64Array,
  [least, most]: readonly [number, number],
): Slice[] {
  if (labels.length < LABEL_SLICES * FEWEST_ROWS || least === most) return [];
  const step = (most - least) / LABEL_SLICES;
  const decimals = step >= 1 ? 1 : 2;
  return Array.from({ length: LABEL_SLICES }, (_, i) => {
    const [from, to] = [least + i * step, i === LABEL_SLICES - 1 ? most : least + (i + 1) * step];
    const isLast = i === LABEL_SLICES - 1;
    const name = `${formatFixed(from, decimals)} to ${formatFixed(to, decimals)}`;
    return measureSlice(name, labels, predictions, (row) => {
      const label = labels[row] ?? Number.NaN;
      return label >= from && (isLast ? label <= to : label < to);
    });
  }).flat();
}

function measureSlice(
  name: string,
  labels: Float64Array,
  predictions: Float64Array,
  isIn: (row: number) => boolean,
): Slice[] {
  const rows = Array.from(labels.keys()).filter(isIn);
  if (rows.length === 0) return [];
  const take = (series: Float64Array) => rows.map((row) => series[row] as number);
  return [{ name, metrics: measureRegression(take(labels), take(predictions)) }];
}
