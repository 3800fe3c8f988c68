import type { RegressionMetrics } from '../metrics/regression.ts';
import { MARGIN, TEXT_WIDTH } from './layout.ts';
import { formatCount, formatMetric, typesetMinus } from './number-text.ts';
import { PALETTE } from './palette.ts';
import { renderText } from './svg-text.ts';
import { measureText } from './text-width.ts';

/** Of the numbers, unless one is too long for its column. */
const VALUE_SIZE = 17;
const COLUMN_GAP = 12;

/** The numbers that a picture states, in reading order, as text with ASCII minus signs. */
export function listShownMetrics(metrics: RegressionMetrics): { name: string; value: string }[] {
  return [
    { name: 'Rows', value: formatCount(metrics.n) },
    { name: 'R²', value: formatMetric(metrics.r2, 3) },
    { name: 'Pearson r', value: formatMetric(metrics.pearson, 3) },
    { name: 'Spearman ρ', value: formatMetric(metrics.spearman, 3) },
    { name: 'RMSE', value: formatMetric(metrics.rmse, 4) },
    { name: 'MAE', value: formatMetric(metrics.mae, 4) },
  ];
}

/** A row of name-over-value columns above the picture, where it covers no point. */
export function renderMetricRow(metrics: RegressionMetrics, top: number): string {
  const shown = listShownMetrics(metrics);
  const columnWidth = TEXT_WIDTH / shown.length;
  const widest = Math.max(...shown.map(({ value }) => measureText(value, VALUE_SIZE, 'bold')));
  const size = Math.min(VALUE_SIZE, (VALUE_SIZE * (columnWidth - COLUMN_GAP)) / widest);
  const columns = shown.map(({ name, value }, column) => {
    const x = MARGIN + column * columnWidth;
    return [
      renderText(name, x, top + 18, { size: 13, fill: PALETTE.muted }),
      renderText(typesetMinus(value), x, top + 38, { size, weight: 'bold' }),
    ].join('');
  });
  return `<g class="metrics">${columns.join('')}</g>`;
}
