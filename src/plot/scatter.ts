import { describeData } from './alt-text.ts';
import { renderAxes, renderGrid } from './axes.ts';
import { renderHeader } from './header.ts';
import { layOutPage, MARGIN } from './layout.ts';
import { renderLegend } from './legend.ts';
import { renderMarginalAbove, renderMarginalBeside } from './marginals.ts';
import { renderMarks } from './marks.ts';
import { explainIntervals, listScatterMetrics, measureMetricRow, renderMetricRow } from './metric-row.ts';
import { renderPage } from './page.ts';
import type { PictureInput } from './picture-input.ts';
import { renderReferenceLines } from './reference-lines.ts';
import { resolveScatterData } from './scatter-data.ts';

/**
 * Draws predictions against labels as a standalone SVG: a square with the same limits on both axes, the line of
 * perfect predictions, the least-squares line, a histogram along each side, and the metrics. The same input gives the
 * same bytes. Up to 5,000 rows are circles, more are counted in hexagons, so that the file stays below a megabyte.
 *
 * @throws HubwrightError `INPUT_INVALID` for series of different lengths, empty or not finite.
 */
export function renderPredictionsScatter(input: PictureInput): string {
  const data = resolveScatterData(input);
  const { title, labels, predictions, labelName, metrics, range } = data;
  const shown = listScatterMetrics(metrics, data.intervals);
  const layout = layOutPage({
    ...data,
    metricsHeight: measureMetricRow(shown),
    xRange: range,
    yRange: range,
  });
  const { frame } = layout;
  const marks = renderMarks(labels, predictions, frame);
  const [low, high] = range;
  const lines = renderReferenceLines(
    { name: 'identity', from: [low, low], to: [high, high], text: 'perfect prediction' },
    {
      fit: data.fit,
      extent: data.labelExtent,
      factor: 'true',
      without: 'no fitted line: the labels do not vary',
    },
    frame,
    marks.opaque,
  );
  const legend = renderLegend([lines.legend, marks.legend, explainIntervals(shown)], layout.legendTop);
  return renderPage({ title, description: describeData(data), height: legend.bottom + MARGIN }, [
    renderHeader(layout),
    renderMetricRow(shown, layout.metricsTop),
    renderGrid(frame),
    renderMarginalAbove(
      { name: 'label-histogram', values: labels, mean: metrics.labelMean, std: metrics.labelStd },
      frame,
    ),
    renderMarginalBeside(
      {
        name: 'prediction-histogram',
        values: predictions,
        mean: metrics.predictionMean,
        std: metrics.predictionStd,
      },
      frame,
    ),
    marks.svg,
    lines.svg,
    renderAxes(frame, { x: `true ${labelName}`, y: 'predicted score' }, layout.axisNameTop),
    legend.svg,
  ]);
}
