import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { titleFromName } from '../card/title.ts';
import type { Config } from '../config.ts';
import { rasterizeSvg } from '../plot/raster.ts';
import { renderPredictionsScatter } from '../plot/scatter.ts';
import { PREDICTIONS_FILE, readPredictions, readSplit, SPLIT_FILES } from '../splits.ts';

/** Twice the width at which the Hub shows it, for dense screens. */
const PNG_WIDTH = 1280;

/** Draws predicted against true scores of the test split, as SVG and PNG, from the predictions in the bundle.
 * Returns the names of the files. */
export async function writePictures(dir: string, config: Config): Promise<string[]> {
  const test = await readSplit(join(dir, SPLIT_FILES.test), config);
  const predictions = await readPredictions(join(dir, PREDICTIONS_FILE), test, config);
  const svg = renderPredictionsScatter({
    labels: test.labels,
    predictions,
    title: config.title ?? titleFromName(config.name ?? 'reward model'),
    subtitle: 'Predicted against true scores on the test split',
    labelName: config.input.label,
  });
  const stem = `${config.name ?? 'model'}_predictions_scatter`;
  const files = [`${stem}.svg`, `${stem}.png`] as const;
  await writeFile(join(dir, files[0]), svg);
  await writeFile(join(dir, files[1]), rasterizeSvg(svg, { width: PNG_WIDTH }));
  return [...files];
}
