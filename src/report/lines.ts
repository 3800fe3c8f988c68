import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Columns of a terminal that tells none. */
export const COLUMNS = 80;

/** Breaks text between words, or within one that alone is wider, so that no line takes more than `width` columns. */
export function wrapText(text: string, width: number): string[] {
  return wrapAnsi(text, width, { hard: true }).split('\n');
}

/** Text behind a mark, wrapped and indented to stand below itself. */
export function hangText(mark: string, text: string, width: number): string[] {
  const indent = stringWidth(mark);
  return wrapText(text, width - indent).map((line, i) => `${i === 0 ? mark : ' '.repeat(indent)}${line}`);
}

/** Cuts out the middle of text that takes more than `width` columns: of names, start and end tell most. */
export function shortenText(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const characters = [...text];
  const keep = width - 1;
  const end = Math.floor(keep / 2);
  let head = characters.slice(0, keep - end).join('');
  let tail = characters.slice(characters.length - end).join('');
  // Wide characters take two columns each.
  while (stringWidth(head) > keep - end) head = [...head].slice(0, -1).join('');
  while (stringWidth(tail) > end) tail = [...tail].slice(1).join('');
  return `${head}…${tail}`;
}
