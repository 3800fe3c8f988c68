import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { HubwrightError } from '../errors.ts';
import { fitLine, type LineFit } from '../metrics/fit.ts';
import { measureRegression, type RegressionMetrics } from '../metrics/regression.ts';
import { assertPairedSeries, type Series } from '../metrics/series.ts';
import { collapseSpaces } from './svg-text.ts';

export interface ScatterInput {
  /** True values, one a row. */
  readonly labels: Series;
  /** The model's scores, in the labels' units and order. */
  readonly predictions: Series;
  /** @default measured from the two series */
  readonly metrics?: RegressionMetrics;
  readonly title: string;
  readonly subtitle?: string;
  /** What the label column holds, after "true". @default 'label' */
  readonly labelName?: string;
  /** Shared limits of both axes. @default [0, 1] when it holds every value, else the rounded extent of all values */
  readonly range?: readonly [number, number];
}

/** A row that lies within the limits. */
export type Point = readonly [label: number, prediction: number];

/** The input with every default filled in and every number checked. */
export interface ScatterData {
  readonly title: string;
  readonly subtitle: string;
  readonly labelName: string;
  readonly metrics: RegressionMetrics;
  readonly fit: LineFit | null;
  readonly range: readonly [number, number];
  /** Rows inside the limits, in input order. */
  readonly points: readonly Point[];
  /** Smallest and largest label, where the fitted line begins and ends. */
  readonly labelExtent: readonly [number, number];
}

/**
 * @throws HubwrightError `INPUT_INVALID` for series of different lengths, empty or not finite, for metrics of another
 * number of rows, and for a range that is not two rising finite numbers.
 */
export function resolveScatterData(input: ScatterInput): ScatterData {
  const { labels, predictions } = input;
  assertPairedSeries(labels, predictions);
  const metrics = input.metrics ?? measureRegression(labels, predictions);
  if (metrics.n !== labels.length) {
    throw new HubwrightError(
      'INPUT_INVALID',
      `the metrics are of ${metrics.n} rows and the picture of ${labels.length}`,
      { hint: 'measure the rows that are drawn' },
    );
  }
  const range = resolveRange(input);
  const isInside = (value: number) => value >= range[0] && value <= range[1];
  const rows = Array.from(labels, (label, row): Point => [label, predictions[row] ?? label]);
  return {
    title: collapseSpaces(input.title),
    subtitle: collapseSpaces(input.subtitle ?? ''),
    labelName: collapseSpaces(input.labelName ?? 'label'),
    metrics,
    fit: fitLine(labels, predictions),
    range,
    points: rows.filter((point) => point.every(isInside)),
    labelExtent: extent(labels) as [number, number],
  };
}

function resolveRange({ labels, predictions, range }: ScatterInput): readonly [number, number] {
  if (range !== undefined) {
    const [low, high] = range;
    if (Number.isFinite(low) && Number.isFinite(high) && low < high) return range;
    throw new HubwrightError(
      'INPUT_INVALID',
      `the axis range is ${low} to ${high}, expected two rising numbers`,
      {
        hint: 'leave the range out to fit it to the data',
      },
    );
  }
  const [low = 0, high = 1] = extent([...(extent(labels) as number[]), ...(extent(predictions) as number[])]);
  if (low >= 0 && high <= 1) return [0, 1];
  // All values equal: an axis needs some width, of the values' own order of magnitude.
  const margin = low === high ? Math.abs(low) / 2 : 0;
  const [from = low, to = high] = scaleLinear()
    .domain([low - margin, high + margin])
    .nice(6)
    .domain();
  return [from, to];
}
