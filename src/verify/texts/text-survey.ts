import { createHash } from 'node:crypto';
import type { ScannedSplit } from '../../splits.ts';
import { normaliseText } from './normalise.ts';
import { createSketches, type Sketches } from './sketch.ts';

/** What rules about the texts of a split need to know, some 700 bytes a row. */
export interface TextSurvey {
  readonly labels: Float64Array;
  /** By row, a digest of the text as it is. */
  readonly exact: readonly string[];
  /** By row, a digest of the text without case, punctuation and kinds of white space. */
  readonly normalised: readonly string[];
  readonly sketches: Sketches;
  /** Rows whose columns hold no letter and no digit. */
  readonly empty: readonly number[];
  /** Rows that were read in a wrong encoding somewhere on their way. */
  readonly garbled: readonly number[];
}

/** U+FFFD stands for bytes that were no UTF-8; `Ã©` and `â€™` are UTF-8 read as Latin-1 and written again. */
const GARBLED = /\uFFFD|Ã[\u0080-\u00BF]|â€[\u0098-\u009D™œ“”˜]|Â[\u00A0-\u00BF]/;

/** @param bare the template without its columns: what a row says when all its columns are empty */
export async function surveyTexts({ labels, readTexts }: ScannedSplit, bare: string): Promise<TextSurvey> {
  const [exact, normalised]: [string[], string[]] = [[], []];
  const [empty, garbled]: [number[], number[]] = [[], []];
  const sketches = createSketches();
  const nothing = normaliseText(bare);
  await readTexts((text) => {
    const normal = normaliseText(text);
    if (normal === nothing) empty.push(exact.length);
    if (GARBLED.test(text)) garbled.push(exact.length);
    exact.push(digest(text));
    normalised.push(digest(normal));
    sketches.add(normal);
  });
  return { labels, exact, normalised, sketches: sketches.done(), empty, garbled };
}

/** 128 bits as 16 code units: two texts in a hundred million of billions share one by accident. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest().toString('latin1', 0, 16);
}
