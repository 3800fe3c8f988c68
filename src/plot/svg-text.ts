import { escapeMarkup } from '../formats/markup.ts';
import { PALETTE } from './palette.ts';
import type { FontWeight } from './text-width.ts';

/** What SVG attributes and text nodes need; browsers without DejaVu Sans fall back to its near twin in width. */
export const FONT_FAMILY = 'DejaVu Sans, Verdana, sans-serif';

/** XML 1.0 has no way to write these, not even as a reference: one of them makes the whole picture unreadable. */
const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** Text that is safe inside an XML element or a quoted attribute. */
export function escapeXml(text: string): string {
  return escapeMarkup(text.replace(NOT_XML, '\u{FFFD}'));
}

/** One line without tabs or line breaks, as titles and names have to be. */
export function collapseSpaces(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

/** A coordinate with two decimals: finer than a pixel of the raster, and the same text on every machine. */
export function formatCoordinate(value: number): string {
  return String(Math.round(value * 100) / 100 + 0);
}

export interface TextStyle {
  readonly size: number;
  readonly weight?: FontWeight;
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Degrees clockwise around the anchor point. */
  readonly rotate?: number;
}

/** A line of text with its baseline at (x, y). The text is escaped here. */
export function renderText(text: string, x: number, y: number, style: TextStyle): string {
  const [left, top] = [formatCoordinate(x), formatCoordinate(y)];
  const weight = style.weight === 'bold' ? ' font-weight="bold"' : '';
  const anchor = style.anchor && style.anchor !== 'start' ? ` text-anchor="${style.anchor}"` : '';
  const rotate = style.rotate ? ` transform="rotate(${style.rotate} ${left} ${top})"` : '';
  const fill = style.fill ?? PALETTE.ink;
  return `<text x="${left}" y="${top}" font-size="${formatCoordinate(style.size)}" fill="${fill}"${weight}${anchor}${rotate}>${escapeXml(text)}</text>`;
}
