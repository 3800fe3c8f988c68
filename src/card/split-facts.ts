import { join } from 'node:path';
import type { Config } from '../config.ts';
import { measureRegression } from '../metrics/regression.ts';
import { readSplit, SPLIT_FILES } from '../splits.ts';
import type { CardFactsFile, MeasuredSplit } from './card-facts-file.ts';
import type { BundleFile } from './file-list.ts';

export interface SplitFacts extends Pick<MeasuredSplit, 'rows' | 'labelMean' | 'labelStd'> {
  readonly name: 'Train' | 'Eval' | 'Test';
  readonly file: string;
  /** Of the rows of all splits that the bundle holds, from 0 to 1. */
  readonly share: number;
  /** What only the tokenizer tells; undefined where it was not asked. */
  readonly measured: MeasuredSplit | undefined;
}

const SPLITS = [
  { name: 'Train', file: SPLIT_FILES.train },
  { name: 'Eval', file: SPLIT_FILES.eval },
  { name: 'Test', file: SPLIT_FILES.test },
] as const;

/** The splits of the bundle in the order train, eval, test. What was measured before is not read again. */
export async function readSplitFacts(
  dir: string,
  files: readonly BundleFile[],
  measured: CardFactsFile | undefined,
  config: Config,
): Promise<SplitFacts[]> {
  const splits: Omit<SplitFacts, 'share'>[] = [];
  for (const { name, file } of SPLITS) {
    if (!files.some(({ path }) => path === file)) continue;
    const known = measured?.splits[file];
    const { rows, labelMean, labelStd } = known ?? (await measureLabels(join(dir, file), config));
    splits.push({ name, file, rows, labelMean, labelStd, measured: known });
  }
  const total = splits.reduce((sum, { rows }) => sum + rows, 0);
  return splits.map((split) => ({ ...split, share: split.rows / total }));
}

async function measureLabels(path: string, config: Config) {
  const { labels } = await readSplit(path, config);
  const { n: rows, labelMean, labelStd } = measureRegression(labels, labels);
  return { rows, labelMean, labelStd };
}
