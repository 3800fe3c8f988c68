import { describe, expect, it } from 'vitest';
import { rasterizeSvg } from '../../src/plot/raster.ts';
import { escapeXml, renderText } from '../../src/plot/svg-text.ts';
import { type FontWeight, measureText, truncateText, wrapText } from '../../src/plot/text-width.ts';
import { decodePng, listInk } from './png.ts';

const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCodePoint(0x20 + i));

/** Where a bar after each text is drawn, in units: the oracle is the font, as the rasteriser sets it. */
function drawWidths(texts: readonly string[], size: number, weight: FontWeight): number[] {
  const line = 2 * size;
  const drawn = texts.map((text, row) =>
    renderText(`${text}|`, 0, line * row + size * 1.3, { size, weight }),
  );
  const [width, height] = [1_600, line * texts.length];
  const frame = `xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" xml:space="preserve"`;
  const page = `<svg ${frame} font-family="${escapeXml('DejaVu Sans')}"><rect width="${width}" height="${height}" fill="white"/>${drawn.join('')}</svg>`;
  const ends = texts.map(() => 0);
  for (const { x, y } of listInk(decodePng(rasterizeSvg(page, { width })))) {
    const row = Math.floor(y / line);
    ends[row] = Math.max(ends[row] ?? 0, x);
  }
  return ends;
}

describe('measureText', () => {
  it.each(['normal', 'bold'] as const)('knows the width of every ASCII character, %s', (weight) => {
    // A bar between them, because the font kerns some letters with themselves.
    const repeated = ASCII.map((character) => `${character}|`.repeat(30));
    const [bare = 0, ...ends] = drawWidths(['', ...repeated], 20, weight);
    for (const [i, end] of ends.entries()) {
      const drawn = end - bare;
      const measured = measureText(repeated[i]!, 20, weight);
      expect(Math.abs(drawn / measured - 1), `${ASCII[i]}: ${drawn}, ${measured}`).toBeLessThan(0.01);
    }
  });

  it('never measures other scripts too narrow', () => {
    const texts = [
      'Модель вознаграждения',
      'Ελληνικά',
      'été naïve Ærøskøbing',
      '−1.5 × ρ² – …',
      '日本語 한국어',
    ];
    const [bare = 0, ...ends] = drawWidths(['', ...texts], 20, 'normal');
    for (const [i, end] of ends.entries()) {
      expect(end - bare, texts[i]).toBeLessThanOrEqual(measureText(texts[i]!, 20) + 2);
    }
  });
});

describe('truncateText', () => {
  it('keeps what fits and cuts what does not', () => {
    expect(truncateText('short', 100, 13)).toBe('short');
    const cut = truncateText('a text that is longer than its room', 100, 13);
    expect(cut).toMatch(/^a text.*…$/);
    expect(measureText(cut, 13)).toBeLessThanOrEqual(100);
    expect(measureText(cut, 13)).toBeGreaterThan(80);
  });

  it('never halves a character', () => {
    for (let width = 0; width < 90; width += 1) {
      expect(truncateText('\u{1f3af}'.repeat(9), width, 10)).toMatch(/^(?:\u{1f3af})*…$/u);
    }
  });
});

describe('wrapText', () => {
  it('breaks at spaces, and after the marks that file names and model ids are made of', () => {
    expect(wrapText('alpha beta gamma', 80, 3, 14)).toEqual(['alpha beta', 'gamma']);
    expect(wrapText('owner/model-name_v2', 80, 4, 14)).toEqual(['owner/', 'model-', 'name_v2']);
    expect(wrapText('', 80, 2, 14)).toEqual([]);
  });

  it('ends in an ellipsis after the last line', () => {
    const lines = wrapText('one two three four five six seven eight nine', 80, 2, 14);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/…$/);
    for (const line of lines) expect(measureText(line, 14)).toBeLessThanOrEqual(80);
  });
});
