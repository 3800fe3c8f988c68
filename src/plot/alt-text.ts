import { listScatterMetrics } from './metric-row.ts';
import { formatCount, formatMetric } from './number-text.ts';
import type { PictureInput } from './picture-input.ts';
import { resolveScatterData, type ScatterData } from './scatter-data.ts';
import { writeSentences } from './sentences.ts';

/**
 * The picture in words, for people who cannot see it: one line of plain text, not escaped for any markup.
 *
 * @throws HubwrightError `INPUT_INVALID` as `renderPredictionsScatter` does.
 */
export function describeScatter(input: PictureInput): string {
  return describeData(resolveScatterData(input));
}

export function describeData({ metrics, labelName, range, fit }: ScatterData): string {
  const rows = `${formatCount(metrics.n)} ${metrics.n === 1 ? 'row' : 'rows'}`;
  const numbers = listScatterMetrics(metrics)
    .slice(1)
    .map(({ name, value }) => `${name} ${value === 'n/a' ? 'undefined' : value}`);
  return writeSentences([
    `Scatter plot of predicted score against true ${labelName} for ${rows}, both axes from ${range[0]} to ${range[1]}`,
    numbers.join(', '),
    `True mean ${formatMetric(metrics.labelMean, 3)} with standard deviation ${formatMetric(metrics.labelStd, 3)}, predicted mean ${formatMetric(metrics.predictionMean, 3)} with standard deviation ${formatMetric(metrics.predictionStd, 3)}`,
    fit === null
      ? 'No fitted line, because the labels do not vary'
      : `The least-squares line has slope ${formatMetric(fit.slope, 3)} and intercept ${formatMetric(fit.intercept, 3)}, where a perfect model has 1 and 0`,
  ]);
}
