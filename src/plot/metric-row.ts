import type { Interval } from '../metrics/bootstrap.ts';
import type { MetricId } from '../metrics/metric-id.ts';
import type { RegressionMetrics } from '../metrics/regression.ts';
import { MARGIN, TEXT_WIDTH } from './layout.ts';
import type { LegendItem } from './legend.ts';
import { formatCount, formatMetric, typesetMinus } from './number-text.ts';
import { PALETTE } from './palette.ts';
import { renderText } from './svg-text.ts';
import { measureText } from './text-width.ts';

const NAME_SIZE = 13;
const VALUE_SIZE = 17;
const INTERVAL_SIZE = 12;
const LEAST_GAP = 12;
/** Sizes of numbers and intervals, as shares of the above: the first at which a row fits is taken. */
const SCALES: readonly number[] = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5];

/** Where the metrics of all such data lie; a metric without an entry has no interval. */
export type Intervals = Readonly<Partial<Record<MetricId, Interval>>>;

/** One number that a picture states, as text with ASCII minus signs. */
export interface StatedNumber {
  readonly name: string;
  readonly value: string;
  /** From where to where, or empty. */
  readonly interval: string;
}

/** A measured number for people, with its interval in the same decimals where it has one. */
export function stateMetric(
  name: string,
  id: MetricId,
  metrics: RegressionMetrics,
  intervals: Intervals,
  decimals: number,
): StatedNumber {
  const interval = writeInterval(intervals[id], decimals);
  return { name, value: formatMetric(metrics[id], decimals), interval };
}

/** An en dash between numbers, unless it would meet a minus. */
function writeInterval(interval: Interval | undefined, decimals: number): string {
  if (interval === undefined) return '';
  const separator = interval.some((end) => end < 0) ? ' to ' : '–';
  return interval.map((end) => formatMetric(end, decimals)).join(separator);
}

export function stateRows(rows: number): StatedNumber {
  return { name: 'Rows', value: formatCount(rows), interval: '' };
}

/** The numbers that the scatter states, in reading order. */
export function listScatterMetrics(metrics: RegressionMetrics, intervals: Intervals = {}): StatedNumber[] {
  return [
    stateRows(metrics.n),
    stateMetric('R²', 'r2', metrics, intervals, 3),
    stateMetric('Pearson r', 'pearson', metrics, intervals, 3),
    stateMetric('Spearman ρ', 'spearman', metrics, intervals, 3),
    stateMetric('RMSE', 'rmse', metrics, intervals, 4),
    stateMetric('MAE', 'mae', metrics, intervals, 4),
  ];
}

/** What the legend says about the intervals: nothing where none is shown. */
export function explainIntervals(shown: readonly StatedNumber[]): LegendItem[] {
  if (shown.every(({ interval }) => interval === '')) return [];
  return [{ text: 'below a number: its 95 % interval, by bootstrap over the rows' }];
}

/** How far down the row reaches: its third line is there only when some number has an interval. */
export function measureMetricRow(shown: readonly StatedNumber[]): number {
  return shown.some(({ interval }) => interval !== '') ? 55 : 38;
}

/** A row of columns above the picture, where it covers no point: name, number, interval; margin to margin. */
export function renderMetricRow(stated: readonly StatedNumber[], top: number): string {
  const shown = stated.map(({ name, value, interval }) => ({
    name,
    value: typesetMinus(value),
    interval: typesetMinus(interval),
  }));
  const { scale, widths } = fitColumns(shown);
  const gap = (TEXT_WIDTH - sum(widths)) / Math.max(1, shown.length - 1);
  const columns = shown.map(({ name, value, interval }, column) => {
    const x = MARGIN + sum(widths.slice(0, column)) + column * gap;
    return [
      renderText(name, x, top + 18, { size: NAME_SIZE, fill: PALETTE.muted }),
      renderText(value, x, top + 38, { size: VALUE_SIZE * scale, weight: 'bold' }),
      ...(interval === ''
        ? []
        : [
            renderText(interval, x, top + 55, {
              size: INTERVAL_SIZE * scale,
              fill: PALETTE.muted,
            }),
          ]),
    ].join('');
  });
  return `<g class="metrics">${columns.join('')}</g>`;
}

function fitColumns(shown: readonly StatedNumber[]): { scale: number; widths: number[] } {
  const measure = (scale: number) =>
    shown.map(({ name, value, interval }) =>
      Math.max(
        measureText(name, NAME_SIZE),
        measureText(value, VALUE_SIZE * scale, 'bold'),
        measureText(interval, INTERVAL_SIZE * scale),
      ),
    );
  const room = TEXT_WIDTH - (shown.length - 1) * LEAST_GAP;
  const scale = SCALES.find((candidate) => sum(measure(candidate)) <= room) ?? 0.5;
  return { scale, widths: measure(scale) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
