import { LABEL_SIZE, MARGIN, PAGE_WIDTH } from './layout.ts';
import { PALETTE } from './palette.ts';
import { formatCoordinate, renderText } from './svg-text.ts';
import { measureText } from './text-width.ts';

/** One explained mark. `swatch` draws it with its left end at `x`, centred on `y`. */
export interface LegendItem {
  readonly swatchWidth: number;
  readonly swatch: (x: number, y: number) => string;
  readonly text: string;
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
  left: number,
  top: number,
): { svg: string; bottom: number } {
  const parts: string[] = [];
  let baseline = top - LINE_HEIGHT;
  for (const group of groups) {
    let x = left;
    baseline += LINE_HEIGHT;
    for (const { swatchWidth, swatch, text } of group) {
      const lead = swatchWidth > 0 ? swatchWidth + SWATCH_GAP : 0;
      const width = lead + measureText(text, LABEL_SIZE);
      if (x > left && x + width > PAGE_WIDTH - MARGIN) {
        x = left;
        baseline += LINE_HEIGHT;
      }
      const at = Number(formatCoordinate(x));
      parts.push(swatch(at, Number(formatCoordinate(baseline - LABEL_SIZE * 0.36))));
      parts.push(renderText(text, at + lead, baseline, { size: LABEL_SIZE, fill: PALETTE.muted }));
      x += width + ITEM_GAP;
    }
  }
  return { svg: `<g class="legend">${parts.join('')}</g>`, bottom: baseline };
}
