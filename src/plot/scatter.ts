import { describeData } from './alt-text.ts';
import { renderFigure } from './figure.ts';
import { labelHistogram, predictionHistogram } from './marginals.ts';
import { renderMarks } from './marks.ts';
import { listScatterMetrics } from './metric-row.ts';
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
  const { labels, predictions, labelName, range } = data;
  const [low, high] = range;
  return renderFigure({
    ...data,
    description: describeData(data),
    metrics: listScatterMetrics(data.metrics, data.intervals),
    x: { name: `true ${labelName}`, range, histogram: labelHistogram(data) },
    y: { name: 'predicted score', range, histogram: predictionHistogram(data) },
    draw(frame) {
      const marks = renderMarks(labels, predictions, frame);
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
      return { layers: [marks.svg, lines.svg], legend: [lines.legend, marks.legend] };
    },
  });
}
