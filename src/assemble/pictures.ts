import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { titleFromName } from '../card/title.ts';
import type { Config } from '../config.ts';
import { estimateIntervals } from '../metrics/bootstrap.ts';
import { darkenSvg } from '../plot/palette.ts';
import { namePictureFiles, PICTURES } from '../plot/pictures.ts';
import { rasterizeSvg } from '../plot/raster.ts';
import { PREDICTIONS_FILE, readPredictions, readSplit, SPLIT_FILES } from '../splits.ts';

/** Twice the width at which the Hub shows it, for dense screens. */
const PNG_WIDTH = 1280;

/** Of the bootstrap behind the intervals; of fewer rows it would only repeat the few that there are. */
const SEED = 0;
const CONFIDENCE = 0.95;
const FEWEST_ROWS = 10;

/**
 * Draws the pictures of the test split from the predictions in the bundle: each as SVG, and as PNG for light and for
 * dark pages. Returns the names of the files.
 */
export async function writePictures(dir: string, config: Config): Promise<string[]> {
  const test = await readSplit(join(dir, SPLIT_FILES.test), config);
  const predictions = await readPredictions(join(dir, PREDICTIONS_FILE), test, config);
  const intervals =
    test.labels.length < FEWEST_ROWS ? {} : estimateIntervals(test.labels, predictions, SEED, CONFIDENCE);
  const written: string[] = [];
  for (const picture of PICTURES) {
    const svg = picture.render({
      labels: test.labels,
      predictions,
      title: config.title ?? titleFromName(config.name ?? 'reward model'),
      subtitle: picture.subtitle,
      labelName: config.input.label,
      intervals,
    });
    const files = namePictureFiles(config.name, picture);
    const contents: readonly (readonly [string, string | Uint8Array])[] = [
      [files.svg, svg],
      [files.png, rasterizeSvg(svg, { width: PNG_WIDTH })],
      [files.darkPng, rasterizeSvg(darkenSvg(svg), { width: PNG_WIDTH })],
    ];
    for (const [file, content] of contents) {
      await writeFileAtomic(join(dir, file), typeof content === 'string' ? content : Buffer.from(content));
      written.push(file);
    }
  }
  return written;
}
