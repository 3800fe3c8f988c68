import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { fitLine, type LineFit } from '../metrics/fit.ts';
import { measureRegression, type RegressionMetrics } from '../metrics/regression.ts';
import { assertPairedSeries, type Series } from '../metrics/series.ts';
import { collapseSpaces } from './svg-text.ts';

/** Axes of narrower spread, or of smaller values, run out of doubles to place ticks and bins at. */
const LEAST_SPREAD = 1e-9;
const LEAST_MAGNITUDE = 1e-100;

export interface ScatterInput {
  /** True values, one a row. */
  readonly labels: Series;
  /** The model's scores, in the labels' units and order. */
  readonly predictions: Series;
  readonly title: string;
  readonly subtitle?: string;
  /** What the label column holds, after "true". @default 'label' */
  readonly labelName?: string;
}

/** One row. */
export type Point = readonly [label: number, prediction: number];

/** The input with every default filled in and every number checked. */
export interface ScatterData {
  readonly title: string;
  readonly subtitle: string;
  readonly labelName: string;
  readonly metrics: RegressionMetrics;
  readonly fit: LineFit | null;
  /** Limits of both axes: [0, 1] when it holds every value, else the rounded extent of all values. */
  readonly range: readonly [number, number];
  /** In input order. */
  readonly points: readonly Point[];
  /** Smallest and largest label, where the fitted line begins and ends. */
  readonly labelExtent: readonly [number, number];
}

/** @throws HubwrightError `INPUT_INVALID` for series of different lengths, empty or not finite. */
export function resolveScatterData(input: ScatterInput): ScatterData {
  const { labels, predictions } = input;
  assertPairedSeries(labels, predictions);
  return {
    title: collapseSpaces(input.title),
    subtitle: collapseSpaces(input.subtitle ?? ''),
    labelName: collapseSpaces(input.labelName ?? 'label'),
    metrics: measureRegression(labels, predictions),
    fit: fitLine(labels, predictions),
    range: chooseRange(labels, predictions),
    points: Array.from(labels, (label, row): Point => [label, predictions[row] ?? label]),
    labelExtent: extent(labels) as [number, number],
  };
}

function chooseRange(labels: Series, predictions: Series): readonly [number, number] {
  const [low = 0, high = 1] = extent([...(extent(labels) as number[]), ...(extent(predictions) as number[])]);
  if (low >= 0 && high <= 1) return [0, 1];
  const largest = Math.max(-low, high, LEAST_MAGNITUDE);
  // An axis needs some width, of the values' own order of magnitude, where they are equal or differ by rounding.
  const margin = high - low > largest * LEAST_SPREAD ? 0 : largest / 2;
  const [from = low, to = high] = scaleLinear()
    .domain([low - margin, high + margin])
    .nice(6)
    .domain();
  return [from, to];
}
