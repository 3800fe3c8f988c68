import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { measureRegression, type RegressionMetrics } from '../metrics/regression.ts';
import { assertPairedSeries, type Series } from '../metrics/series.ts';
import type { Range } from './layout.ts';
import type { Intervals } from './metric-row.ts';
import { collapseSpaces } from './svg-text.ts';

/** Axes of narrower spread, or of smaller values, run out of doubles to place ticks and bins at. */
const LEAST_SPREAD = 1e-9;
const LEAST_MAGNITUDE = 1e-100;

/** What every picture is drawn from. */
export interface PictureInput {
  /** True values, one a row. */
  readonly labels: Series;
  /** The model's scores, in the labels' units and order. */
  readonly predictions: Series;
  readonly title: string;
  readonly subtitle?: string;
  /** What the label column holds, after "true". @default 'label' */
  readonly labelName?: string;
  /** Printed below the metrics that have one, as 95 % intervals. @default none */
  readonly intervals?: Intervals;
}

/** The input with every default filled in, and measured. */
export interface PictureData extends Required<PictureInput> {
  readonly metrics: RegressionMetrics;
}

/** @throws HubwrightError `INPUT_INVALID` for series of different lengths, empty or not finite. */
export function resolveInput(input: PictureInput): PictureData {
  assertPairedSeries(input.labels, input.predictions);
  return {
    ...input,
    title: collapseSpaces(input.title),
    subtitle: collapseSpaces(input.subtitle ?? ''),
    labelName: collapseSpaces(input.labelName ?? 'label'),
    intervals: input.intervals ?? {},
    metrics: measureRegression(input.labels, input.predictions),
  };
}

/** Limits of an axis of scores: [0, 1] when it holds every value, else the rounded extent of all values. */
export function chooseScoreRange(...series: readonly Series[]): Range {
  const [low = 0, high = 1] = extent(series.flatMap((values) => extent(values) as number[]));
  return low >= 0 && high <= 1 ? [0, 1] : widenRange(low, high);
}

/** Limits of an axis of errors: as far below zero as above it. */
export function chooseErrorRange(errors: Series): Range {
  const [low = 0, high = 0] = extent(errors);
  const most = Math.max(-low, high);
  return most === 0 ? [-1, 1] : widenRange(-most, most);
}

function widenRange(low: number, high: number): Range {
  const largest = Math.max(-low, high, LEAST_MAGNITUDE);
  // An axis needs some width, of the values' own order of magnitude, where they are equal or differ by rounding.
  const margin = high - low > largest * LEAST_SPREAD ? 0 : largest / 2;
  const [from = low, to = high] = scaleLinear()
    .domain([low - margin, high + margin])
    .nice(6)
    .domain();
  return [from, to];
}
