import { LABEL_SIZE, MARGIN, PAGE_WIDTH } from './layout.ts';
import { PALETTE } from './palette.ts';
import { formatCoordinate, renderText } from './svg-text.ts';
import { measureText } from './text-width.ts';

export interface LegendItem {
  readonly text: string;
  /** The mark that the text explains; without one the text stands alone. */
  readonly swatch?: Swatch;
}

/** Draws a mark with its left end at `x`, centred on `y`. */
export interface Swatch {
  readonly width: number;
  readonly draw: (x: number, y: number) => string;
}

const LINE_HEIGHT = 21;
const SWATCH_GAP = 6;
const ITEM_GAP = 16;

/**
 * Sets groups of items under the picture, where they cover no data: each group starts a line, and an item that does
 * not fit goes to the next one.
 *
 * @returns the SVG and the baseline of the last line.
 */
export function renderLegend(
  groups: readonly (readonly LegendItem[])[],
  top: number,
): { svg: string; bottom: number } {
  const parts: string[] = [];
  let baseline = top - LINE_HEIGHT;
  for (const group of groups.filter(({ length }) => length > 0)) {
    let x = MARGIN;
    baseline += LINE_HEIGHT;
    for (const { swatch, text } of group) {
      const lead = swatch ? swatch.width + SWATCH_GAP : 0;
      const width = lead + measureText(text, LABEL_SIZE);
      if (x > MARGIN && x + width > PAGE_WIDTH - MARGIN) {
        x = MARGIN;
        baseline += LINE_HEIGHT;
      }
      const at = Number(formatCoordinate(x));
      if (swatch) parts.push(swatch.draw(at, Number(formatCoordinate(baseline - LABEL_SIZE * 0.36))));
      parts.push(renderText(text, at + lead, baseline, { size: LABEL_SIZE, fill: PALETTE.muted }));
      x += width + ITEM_GAP;
    }
  }
  return { svg: `<g class="legend">${parts.join('')}</g>`, bottom: baseline };
}
