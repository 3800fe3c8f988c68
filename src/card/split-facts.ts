import { join } from 'node:path';
import type { Config } from '../config.ts';
import { measureRegression } from '../metrics/regression.ts';
import { readSplit, SPLIT_FILES, type Split } from '../splits.ts';
import type { BundleFile } from './file-list.ts';

export interface SplitFacts {
  readonly name: 'Train' | 'Eval' | 'Test';
  readonly file: string;
  readonly rows: number;
  /** Of the rows of all splits that the bundle holds, from 0 to 1. */
  readonly share: number;
  readonly labelMean: number;
  /** Population standard deviation (ddof 0). */
  readonly labelStd: number;
}

const SPLITS = [
  { name: 'Train', file: SPLIT_FILES.train },
  { name: 'Eval', file: SPLIT_FILES.eval },
] as const;

/** The splits of the bundle in the order train, eval, test. Only the test split must be there. */
export async function readSplitFacts(
  dir: string,
  files: readonly BundleFile[],
  test: Split,
  config: Config,
): Promise<SplitFacts[]> {
  const labelled: { name: SplitFacts['name']; file: string; labels: Float64Array }[] = [];
  for (const { name, file } of SPLITS) {
    if (!files.some(({ path }) => path === file)) continue;
    labelled.push({ name, file, labels: (await readSplit(join(dir, file), config)).labels });
  }
  labelled.push({ name: 'Test', file: SPLIT_FILES.test, labels: test.labels });
  const total = labelled.reduce((sum, { labels }) => sum + labels.length, 0);
  return labelled.map(({ name, file, labels }) => {
    const { labelMean, labelStd } = measureRegression(labels, labels);
    return { name, file, rows: labels.length, share: labels.length / total, labelMean, labelStd };
  });
}
