import { type Layout, MARGIN, SUBTITLE_SIZE, TITLE_SIZE } from './layout.ts';
import { PALETTE } from './palette.ts';
import { renderText } from './svg-text.ts';

/** Title and subtitle, as many lines as the layout gave them. */
export function renderHeader({ titleLines, titleTop, subtitleLines, subtitleTop }: Layout): string {
  const title = titleLines.map((line, index) =>
    renderText(line, MARGIN, titleTop + index * TITLE_SIZE * 1.25, { size: TITLE_SIZE, weight: 'bold' }),
  );
  const subtitle = subtitleLines.map((line, index) =>
    renderText(line, MARGIN, subtitleTop + index * SUBTITLE_SIZE * 1.35, {
      size: SUBTITLE_SIZE,
      fill: PALETTE.muted,
    }),
  );
  return [...title, ...subtitle].join('\n');
}
