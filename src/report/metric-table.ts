import type { MetricComparison } from '../verification.ts';
import { shortenText } from './lines.ts';
import { formatDifference, formatNumber, formatShare } from './numbers.ts';
import { formatTable, measureColumn } from './table.ts';

const MARKS: Record<MetricComparison['status'], string> = { pass: '✔', fail: '✖', 'not-verified': '?' };

/** The metrics as cells, header first: what was expected and measured, how far apart, and how much of that was allowed. */
export function listMetricCells(metrics: readonly MetricComparison[]): string[][] {
  return metrics.some(({ interval }) => interval !== undefined)
    ? listEstimates(metrics)
    : listComparisons(metrics);
}

function listComparisons(metrics: readonly MetricComparison[]): string[][] {
  const header = ['', 'metric', 'expected', 'measured', 'off by', 'allowed', 'used'];
  const rows = metrics.map(({ key, expected, actual, difference, tolerance, margin, status }) => [
    MARKS[status],
    key,
    formatNumber(expected),
    status === 'not-verified' ? 'not verified' : actual === null ? 'no value' : formatNumber(actual),
    difference === null ? '' : formatDifference(difference),
    status === 'not-verified' ? '' : formatDifference(tolerance),
    tolerance === 0 ? '' : formatShare(margin),
  ]);
  return [header, ...rows];
}

/** What a sample measured, and between which numbers the metric of all rows lies. */
function listEstimates(metrics: readonly MetricComparison[]): string[][] {
  const header = ['', 'metric', 'expected', 'in the sample', 'all rows: from', 'to'];
  const rows = metrics.map(({ key, expected, actual, interval, status }) => [
    MARKS[status],
    key,
    formatNumber(expected),
    actual === null ? 'no value' : formatNumber(actual),
    ...(interval === undefined ? ['', ''] : interval.map((end) => formatNumber(Number(end.toPrecision(5))))),
  ]);
  return [header, ...rows];
}

/** Columns of numbers: all but the mark and the name. */
export const NUMBER_COLUMNS: ReadonlySet<number> = new Set([2, 3, 4, 5, 6]);

const SHORTEST_NAME = 10;

/** The metrics as lines of at most `width` columns: names give way, numbers do not. */
export function formatMetricTable(metrics: readonly MetricComparison[], width: number): string[] {
  const cells = listMetricCells(metrics);
  const numbers = [...NUMBER_COLUMNS]
    .map((column) => measureColumn(cells, column))
    .filter((used) => used > 0);
  const taken = 1 + 2 + numbers.reduce((sum, used) => sum + used + 2, 0);
  const name = Math.max(SHORTEST_NAME, width - taken);
  const fitting = cells.map(([mark = '', key = '', ...rest]) => [mark, shortenText(key, name), ...rest]);
  return formatTable(fitting, NUMBER_COLUMNS);
}
