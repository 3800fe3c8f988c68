import { createRequire } from 'node:module';
import { HubwrightError } from '../errors.ts';

/** The family that the bundled files hold. Its licence (Bitstream Vera and Arev) allows embedding and bundling. */
export const BUNDLED_FAMILY = 'DejaVu Sans';

const FONT_FILES = ['dejavu-fonts-ttf/ttf/DejaVuSans.ttf', 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'];

/**
 * Paths of the bundled TrueType files. Without a font the rasteriser leaves text out and says nothing, so a missing
 * file must be noticed here.
 *
 * @throws HubwrightError `INPUT_MISSING` when the font package is not installed.
 */
export function locateFonts(): string[] {
  const { resolve } = createRequire(import.meta.url);
  try {
    return FONT_FILES.map((file) => resolve(file));
  } catch (cause) {
    throw new HubwrightError('INPUT_MISSING', 'the font of pictures, DejaVu Sans, is not installed', {
      hint: 'install again: npm install dejavu-fonts-ttf',
      cause,
    });
  }
}
