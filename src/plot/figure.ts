import { renderAxes, renderGrid } from './axes.ts';
import { renderHeader } from './header.ts';
import { type Frame, layOutPage, MARGIN, type Range } from './layout.ts';
import { type LegendItem, renderLegend } from './legend.ts';
import { type Marginal, renderMarginalAbove, renderMarginalBeside } from './marginals.ts';
import { explainIntervals, measureMetricRow, renderMetricRow, type StatedNumber } from './metric-row.ts';
import { renderPage } from './page.ts';

/** What stands on one axis: its name, what it covers, and the histogram along it. */
export interface AxisContent {
  readonly name: string;
  readonly range: Range;
  readonly histogram: Marginal;
}

/** What is drawn within the frame, bottom to top, and the groups of the legend that explain it. */
export interface Drawing {
  readonly layers: readonly string[];
  readonly legend: readonly (readonly LegendItem[])[];
}

export interface Figure {
  readonly title: string;
  readonly subtitle: string;
  /** For screen readers. */
  readonly description: string;
  readonly metrics: readonly StatedNumber[];
  readonly x: AxisContent;
  readonly y: AxisContent;
  readonly draw: (frame: Frame) => Drawing;
}

/** The page that every picture is: title, metrics, a square with a histogram along two sides, and a legend; as SVG. */
export function renderFigure({ title, subtitle, description, metrics, x, y, draw }: Figure): string {
  const layout = layOutPage({
    title,
    subtitle,
    metricsHeight: measureMetricRow(metrics),
    xRange: x.range,
    yRange: y.range,
  });
  const { frame } = layout;
  const { layers, legend: groups } = draw(frame);
  const legend = renderLegend([...groups, explainIntervals(metrics)], layout.legendTop);
  return renderPage({ title, description, height: legend.bottom + MARGIN }, [
    renderHeader(layout),
    renderMetricRow(metrics, layout.metricsTop),
    renderGrid(frame),
    renderMarginalAbove(x.histogram, frame),
    renderMarginalBeside(y.histogram, frame),
    ...layers,
    renderAxes(frame, { x: x.name, y: y.name }, layout.axisNameTop),
    legend.svg,
  ]);
}
