import { Resvg } from '@resvg/resvg-js';
import { HubwrightError } from '../errors.ts';
import { BUNDLED_FAMILY, locateFonts } from './font.ts';

/** Four bytes each while drawing: 256 MB. An SVG may declare a size that would take all memory. */
const MAX_PIXELS = 64_000_000;

/**
 * Draws an SVG as a PNG, with the bundled font only: the machine's fonts would change the bytes.
 *
 * @param options.width in pixels; the height follows.
 * @throws HubwrightError `INPUT_INVALID` for text that is not SVG and for more than 64 million pixels;
 * `INPUT_MISSING` when the font package is not installed.
 */
export function rasterizeSvg(svg: string, { width }: { readonly width: number }): Uint8Array {
  if (!(Number.isInteger(width) && width > 0)) {
    throw new HubwrightError('INPUT_INVALID', `a picture cannot be ${width} pixels wide`, {
      hint: 'give a whole number of pixels, such as 1280',
    });
  }
  const picture = parseSvg(svg, width);
  const height = Math.ceil((width * picture.height) / picture.width);
  if (!(width * height <= MAX_PIXELS)) {
    throw new HubwrightError(
      'INPUT_INVALID',
      `a picture of ${width} × ${height} has more than ${MAX_PIXELS} pixels`,
      { hint: 'ask for a smaller width' },
    );
  }
  return picture.render().asPng();
}

function parseSvg(svg: string, width: number): Resvg {
  const fontFiles = locateFonts();
  try {
    return new Resvg(svg, {
      fitTo: { mode: 'width', value: width },
      font: { loadSystemFonts: false, fontFiles, defaultFontFamily: BUNDLED_FAMILY },
      logLevel: 'off',
    });
  } catch (cause) {
    throw new HubwrightError('INPUT_INVALID', `the picture is not SVG that can be drawn: ${String(cause)}`, {
      hint: 'pass a whole SVG document, as renderPredictionsScatter returns it',
      cause,
    });
  }
}
