/** Advance widths of U+0020 to U+007E in thousandths of the font size, from the `hmtx` table of DejaVu Sans 2.37. */
const REGULAR: readonly number[] = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636,
  636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295,
  295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838,
  500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521,
  392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];
const BOLD: readonly number[] = [
  348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696,
  696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372,
  372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838,
  500, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595,
  478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
];

/** Wider than nearly every glyph of the font: text of unknown width must not be cut or run into its neighbour. */
const UNKNOWN_WIDTH = 1000;

export type FontWeight = 'normal' | 'bold';

/**
 * Width of one line of text in DejaVu Sans, in the units of `size`, without kerning. Exact for ASCII; an accented
 * letter counts as its base letter, and everything else as one em, which is an upper bound for most scripts.
 */
export function measureText(text: string, size: number, weight: FontWeight = 'normal'): number {
  const widths = weight === 'bold' ? BOLD : REGULAR;
  let thousandths = 0;
  for (const character of text) {
    const base = character.normalize('NFD').codePointAt(0) ?? 0;
    thousandths += widths[base - 0x20] ?? UNKNOWN_WIDTH;
  }
  return (thousandths * size) / 1000;
}

/** Cuts text to a width, ending it in an ellipsis when something had to go. */
export function truncateText(
  text: string,
  maxWidth: number,
  size: number,
  weight: FontWeight = 'normal',
): string {
  if (measureText(text, size, weight) <= maxWidth) return text;
  let kept = '';
  let room = maxWidth - measureText('…', size, weight);
  for (const character of text) {
    room -= measureText(character, size, weight);
    if (room < 0) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/**
 * Breaks text into at most `maxLines` lines of a width: at spaces, and after `/ - _ . :` because model ids and file
 * names have no spaces. A piece longer than a line is cut, and so is the last line when the text does not fit.
 */
export function wrapText(
  text: string,
  maxWidth: number,
  maxLines: number,
  size: number,
  weight: FontWeight = 'normal',
): string[] {
  const pieces = text.match(/\s+|[^\s/\-_.:]*[/\-_.:]+|[^\s/\-_.:]+/gu) ?? [];
  const lines: string[] = [];
  let line = '';
  for (const [index, piece] of pieces.entries()) {
    if (line === '' || measureText(`${line}${piece}`.trimEnd(), size, weight) <= maxWidth) {
      line += piece;
      continue;
    }
    if (lines.length === maxLines - 1) {
      line += pieces.slice(index).join('');
      break;
    }
    lines.push(line.trim());
    line = piece.trimStart();
  }
  return [...lines, line.trim()].filter(Boolean).map((each) => truncateText(each, maxWidth, size, weight));
}
