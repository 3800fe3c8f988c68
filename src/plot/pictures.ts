import { describeScatter } from './alt-text.ts';
import { describeCalibration, renderCalibration } from './calibration.ts';
import type { PictureInput } from './picture-input.ts';
import { describeResiduals, renderResiduals } from './residuals.ts';
import { renderPredictionsScatter } from './scatter.ts';

/** A picture that every bundle holds. */
export interface Picture {
  /** What its file names end in, after the model's name. */
  readonly suffix: string;
  /** A short heading. */
  readonly name: string;
  readonly subtitle: string;
  readonly render: (input: PictureInput) => string;
  /** The picture in words: one line of plain text, not escaped for any markup. */
  readonly describe: (input: PictureInput) => string;
}

/** All pictures, in the order in which a card shows them. */
export const PICTURES: readonly Picture[] = [
  {
    suffix: 'predictions_scatter',
    name: 'Predicted against true scores',
    subtitle: 'Predicted against true scores on the test split',
    render: renderPredictionsScatter,
    describe: describeScatter,
  },
  {
    suffix: 'residuals',
    name: 'Errors by predicted score',
    subtitle: 'Errors by predicted score on the test split',
    render: renderResiduals,
    describe: describeResiduals,
  },
  {
    suffix: 'calibration',
    name: 'Calibration',
    subtitle: 'Calibration on the test split: mean true score by predicted score',
    render: renderCalibration,
    describe: describeCalibration,
  },
];

/** The files of a picture in a bundle: the vector, and the raster for light and for dark pages. */
export interface PictureFiles {
  readonly svg: string;
  readonly png: string;
  readonly darkPng: string;
}

/** @param name the model's, as its config says; file names begin with it. */
export function namePictureFiles(name: string | undefined, { suffix }: Picture): PictureFiles {
  const stem = `${name ?? 'model'}_${suffix}`;
  return { svg: `${stem}.svg`, png: `${stem}.png`, darkPng: `${stem}_dark.png` };
}

/** A picture as a card shows it. */
export interface ShownPicture extends PictureFiles {
  readonly name: string;
  readonly alt: string;
}

/** Every picture of a bundle with its files and its words, in the order in which a card shows them. */
export function listPictures(modelName: string | undefined, input: PictureInput): ShownPicture[] {
  return PICTURES.map((picture) => ({
    ...namePictureFiles(modelName, picture),
    name: picture.name,
    alt: picture.describe(input),
  }));
}
