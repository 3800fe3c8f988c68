import { describeData } from './alt-text.ts';
import { renderAxes, renderGrid } from './axes.ts';
import { layOutPage, MARGIN, SUBTITLE_SIZE, TITLE_SIZE } from './layout.ts';
import { renderLegend } from './legend.ts';
import { renderMarginals } from './marginals.ts';
import { renderMarks } from './marks.ts';
import { renderMetricRow } from './metric-row.ts';
import { renderPage } from './page.ts';
import { PALETTE } from './palette.ts';
import { renderReferenceLines } from './reference-lines.ts';
import { resolveScatterData, type ScatterInput } from './scatter-data.ts';
import { renderText } from './svg-text.ts';

/**
 * Draws predictions against labels as a standalone SVG: a square with the same limits on both axes, the line of
 * perfect predictions, the least-squares line, a histogram along each side, and the metrics. The same input gives the
 * same bytes. Up to 5,000 rows are circles, more are counted in hexagons, so that the file stays below a megabyte.
 *
 * @throws HubwrightError `INPUT_INVALID` for series of different lengths, empty or not finite.
 */
export function renderPredictionsScatter(input: ScatterInput): string {
  const data = resolveScatterData(input);
  const layout = layOutPage(data.title, data.subtitle, data.range);
  const { frame } = layout;
  const marks = renderMarks(data.points, frame);
  const lines = renderReferenceLines(data, frame, marks.opaque);
  const legend = renderLegend([lines.legend, marks.legend], layout.legendTop);
  const title = layout.titleLines.map((line, index) =>
    renderText(line, MARGIN, layout.titleTop + index * TITLE_SIZE * 1.25, {
      size: TITLE_SIZE,
      weight: 'bold',
    }),
  );
  const subtitle = layout.subtitleLines.map((line, index) =>
    renderText(line, MARGIN, layout.subtitleTop + index * SUBTITLE_SIZE * 1.35, {
      size: SUBTITLE_SIZE,
      fill: PALETTE.muted,
    }),
  );
  return renderPage({ title: data.title, description: describeData(data), height: legend.bottom + MARGIN }, [
    ...title,
    ...subtitle,
    renderMetricRow(data.metrics, layout.metricsTop),
    renderGrid(frame),
    renderMarginals(data, frame),
    marks.svg,
    lines.svg,
    renderAxes(frame, data.labelName, layout.axisNameTop),
    legend.svg,
  ]);
}
