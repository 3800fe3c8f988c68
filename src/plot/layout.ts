import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { measureText, wrapText } from './text-width.ts';

/** Page width in SVG units. Cards show pictures at about 600 px, so a unit is close to a pixel there. */
export const PAGE_WIDTH = 640;
export const MARGIN = 24;
export const TEXT_WIDTH = PAGE_WIDTH - 2 * MARGIN;

export const TITLE_SIZE = 19;
export const SUBTITLE_SIZE = 14;
/** Text of axes and legend: the smallest on the page, still 12 px at a display width of 600 px. */
export const LABEL_SIZE = 13;

/** Depth of a marginal histogram, and the gap between it and the frame. */
export const MARGINAL_DEPTH = 46;
export const MARGINAL_GAP = 6;

/** Free strip inside the frame, as a share of the range: a point at the very limit is drawn whole. */
const INNER_PADDING = 0.025;
const MIN_SIDE = 320;

/** Numbers that an axis covers. */
export type Range = readonly [low: number, high: number];

interface Ticks extends ReadonlyArray<{ readonly value: number; readonly text: string }> {}

/** The square that data are drawn in, with one scale an axis. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly side: number;
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
  readonly xRange: Range;
  readonly yRange: Range;
  readonly xTicks: Ticks;
  readonly yTicks: Ticks;
}

/** What the top of the page says, and what its axes cover. */
export interface PageContent {
  readonly title: string;
  readonly subtitle: string;
  /** Depth of the row of metrics. */
  readonly metricsHeight: number;
  readonly xRange: Range;
  readonly yRange: Range;
}

export interface Layout {
  readonly titleLines: readonly string[];
  readonly subtitleLines: readonly string[];
  /** Baseline of the first title line, then of the first subtitle line. */
  readonly titleTop: number;
  readonly subtitleTop: number;
  /** Top of the row of metrics. */
  readonly metricsTop: number;
  readonly frame: Frame;
  /** Baseline of the horizontal axis' name. */
  readonly axisNameTop: number;
  /** Baseline of the legend's first line. */
  readonly legendTop: number;
}

/** Places everything from top to bottom, so that no text can meet another whatever its length. */
export function layOutPage({ title, subtitle, metricsHeight, xRange, yRange }: PageContent): Layout {
  const titleLines = wrapText(title, TEXT_WIDTH, 2, TITLE_SIZE, 'bold');
  const subtitleLines = wrapText(subtitle, TEXT_WIDTH, 2, SUBTITLE_SIZE);
  const titleTop = MARGIN + TITLE_SIZE * 0.8;
  const subtitleTop = titleTop + titleLines.length * TITLE_SIZE * 1.25;
  const metricsTop = subtitleTop + (subtitleLines.length - 0.5) * SUBTITLE_SIZE * 1.35 + 6;
  const frame = layOutFrame(xRange, yRange, metricsTop + metricsHeight + 36);
  const axisNameTop = frame.top + frame.side + 44;
  const legendTop = axisNameTop + 34;
  return {
    titleLines,
    subtitleLines,
    titleTop,
    subtitleTop,
    metricsTop,
    frame,
    axisNameTop,
    legendTop,
  };
}

function layOutFrame(xRange: Range, yRange: Range, captionTop: number): Frame {
  const top = captionTop + MARGINAL_DEPTH + MARGINAL_GAP;
  for (const count of [6, 4, 2, 1]) {
    const [xTicks, yTicks] = [listTicks(xRange, count), listTicks(yRange, count)];
    const left = MARGIN + LABEL_SIZE + 10 + measureTicks(yTicks) + 8;
    const right = MARGINAL_GAP + MARGINAL_DEPTH + 8 + LABEL_SIZE + MARGIN;
    const side = Math.max(MIN_SIDE, PAGE_WIDTH - left - right);
    // Neighbouring tick labels need air between them; one tick is taken whatever its width.
    if (count > 1 && measureTicks(xTicks) > (0.75 * side) / Math.max(1, xTicks.length - 1)) continue;
    const x = scaleLinear()
      .domain(padRange(xRange))
      .range([left, left + side]);
    const y = scaleLinear()
      .domain(padRange(yRange))
      .range([top + side, top]);
    return { left, top, side, x, y, xRange, yRange, xTicks, yTicks };
  }
  throw new RangeError('unreachable: the last count always returns');
}

function padRange([low, high]: Range): [number, number] {
  const padding = (high - low) * INNER_PADDING;
  return [low - padding, high + padding];
}

function listTicks(range: Range, count: number): Ticks {
  const scale = scaleLinear().domain(range);
  const largest = Math.max(...range.map(Math.abs));
  const plain = formatTicks(scale, count);
  if (largest >= 1e-3 && largest < 1e5) return plain;
  // Values that share their leading digits (1,000,000.2) are no shorter with an exponent.
  const scientific = formatTicks(scale, count, '~e').map(({ value, text }) => ({
    value,
    text: value === 0 ? '0' : text,
  }));
  return measureTicks(plain) <= measureTicks(scientific) ? plain : scientific;
}

function formatTicks(scale: ScaleLinear<number, number>, count: number, specifier?: string): Ticks {
  const format = scale.tickFormat(count, specifier);
  return scale.ticks(count).map((value) => ({ value, text: format(value) }));
}

function measureTicks(ticks: Ticks): number {
  return Math.max(...ticks.map(({ text }) => measureText(text, LABEL_SIZE)));
}
