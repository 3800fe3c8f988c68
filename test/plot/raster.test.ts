import { describe, expect, it } from 'vitest';
import { rasterizeSvg } from '../../src/plot/raster.ts';
import { renderPredictionsScatter } from '../../src/plot/scatter.ts';
import { catchError } from '../fixtures/caught.ts';
import { decodePng, type Image, listInk } from './png.ts';
import { makeRows } from './rows.ts';

const SVG = renderPredictionsScatter({ ...makeRows(50), title: 'Raster', subtitle: 'Fifty rows' });
const [, UNITS_WIDE = 0, UNITS_HIGH = 0] = (SVG.match(/viewBox="0 0 (\d+) (\d+)"/) ?? []).map(Number);

function draw(svg: string, width: number): Image {
  return decodePng(rasterizeSvg(svg, { width }));
}

describe('rasterizeSvg', () => {
  it.each([320, 640, 1280])('writes a PNG %i pixels wide, in the proportions of the SVG', (width) => {
    const image = draw(SVG, width);
    expect(image.width).toBe(width);
    expect(Math.abs(image.height - (width * UNITS_HIGH) / UNITS_WIDE)).toBeLessThanOrEqual(1);
  });

  it('gives the same bytes twice', () => {
    expect(rasterizeSvg(SVG, { width: 640 })).toEqual(rasterizeSvg(SVG, { width: 640 }));
  });

  it('paints an opaque page, its points and its lines', () => {
    const { width, pixels } = draw(SVG, 640);
    const colours = new Map<string, number>();
    for (let at = 0; at < pixels.length; at += 4) {
      const colour = Buffer.from(pixels.subarray(at, at + 4)).toString('hex');
      colours.set(colour, (colours.get(colour) ?? 0) + 1);
    }
    expect([...colours.keys()].filter((colour) => !colour.endsWith('ff'))).toEqual([]);
    expect(Buffer.from(pixels.subarray(0, 4)).toString('hex')).toBe('ffffffff');
    // #0072b2 at 70 % on white, the fitted line, and the histograms.
    for (const colour of ['4c9cc9ff', 'd55e00ff', '8fc1e0ff']) {
      expect(colours.get(colour) ?? 0, colour).toBeGreaterThan(width / 10);
    }
  });

  it('draws text with the bundled font', () => {
    const countInk = (svg: string) => listInk(draw(svg, 640)).length;
    const bare = SVG.replace(/<text[^>]*>[^<]*<\/text>/g, '');
    expect(countInk(SVG) - countInk(bare)).toBeGreaterThan(3_000);
    const title = listInk(draw(SVG, 640)).filter(({ y }) => y < 45);
    expect(title.length).toBeGreaterThan(300);
    expect(listInk(draw(bare, 640)).filter(({ y }) => y < 45)).toEqual([]);
  });

  it.each([
    ['no SVG', 'hello', 640],
    ['nothing', '', 640],
    ['half an SVG', SVG.slice(0, SVG.length / 2), 640],
    ['a width of none', SVG, 0],
    ['half a pixel', SVG, 0.5],
    ['NaN pixels', SVG, Number.NaN],
    ['a wide bomb', SVG, 1_000_000],
    ['a tall bomb', '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1000000"/>', 1_000],
  ])('refuses %s', async (_, svg, width) => {
    const error = await catchError(() => rasterizeSvg(svg, { width }));
    expect(error.code).toBe('INPUT_INVALID');
  });
});
