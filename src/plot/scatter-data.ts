import { extent } from 'd3-array';
import { fitLine, type LineFit } from '../metrics/fit.ts';
import type { Range } from './layout.ts';
import { chooseScoreRange, type PictureData, type PictureInput, resolveInput } from './picture-input.ts';

/** What the scatter draws besides the rows themselves. */
export interface ScatterData extends PictureData {
  /** Predictions by labels. */
  readonly fit: LineFit | null;
  /** Limits of both axes. */
  readonly range: Range;
  /** Smallest and largest label, where the fitted line begins and ends. */
  readonly labelExtent: Range;
}

/** @throws HubwrightError `INPUT_INVALID` for series of different lengths, empty or not finite. */
export function resolveScatterData(input: PictureInput): ScatterData {
  const { labels, predictions } = input;
  return {
    ...resolveInput(input),
    fit: fitLine(labels, predictions),
    range: chooseScoreRange(labels, predictions),
    labelExtent: extent(labels) as [number, number],
  };
}
