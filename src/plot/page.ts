import { PAGE_WIDTH } from './layout.ts';
import { PALETTE } from './palette.ts';
import { escapeXml, FONT_FAMILY, formatCoordinate } from './svg-text.ts';

/** Wraps drawn parts into an SVG document with an opaque background and a name and description for screen readers. */
export function renderPage(
  page: { readonly title: string; readonly description: string; readonly height: number },
  parts: readonly string[],
): string {
  const height = formatCoordinate(Math.ceil(page.height));
  const size = `width="${PAGE_WIDTH}" height="${height}" viewBox="0 0 ${PAGE_WIDTH} ${height}"`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="${FONT_FAMILY}" role="img">`,
    `<title>${escapeXml(page.title)}</title>`,
    `<desc>${escapeXml(page.description)}</desc>`,
    `<rect width="100%" height="100%" fill="${PALETTE.background}"/>`,
    ...parts,
    '</svg>',
  ].join('\n')}\n`;
}
