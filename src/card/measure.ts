import { join } from 'node:path';
import { quantileSorted } from 'd3-array';
import { listBundleFiles } from '../bundle.ts';
import type { Config } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { type CachePlace, scoreTexts } from '../inference/index.ts';
import { loadTokenizer, type TextEncoder } from '../inference/tokenizer.ts';
import { measureMoments, populationStd } from '../metrics/moments.ts';
import type { StageOptions } from '../progress.ts';
import { PREDICTIONS_FILE, readPredictions, readSplit, SPLIT_FILES, type Split } from '../splits.ts';
import {
  type CardFactsFile,
  digestSources,
  type MeasuredSplit,
  type TrainingArgsNotes,
} from './card-facts-file.ts';
import { type Example, listExampleCandidates, listRows, pickExamples } from './examples.ts';
import { measureModel } from './model-facts.ts';

export interface MeasureOptions extends StageOptions {
  /** True when `test_predictions.csv` holds what the bundle's own model gave, so that nothing need be scored again. */
  readonly predictionsAreOwn?: boolean;
  readonly cache?: CachePlace | undefined;
  readonly trainingArgs?: TrainingArgsNotes | undefined;
}

/** Of the other splits this many rows tell the lengths well enough; tokenizing takes a millisecond a row. */
const MOST_COUNTED = 5000;

/**
 * Measures what a card says and its bundle's files do not spell out: sizes, lengths and repetitions of the splits, and
 * what the model gives for the rows that the card shows. Takes seconds to minutes: the result is kept as
 * `card_facts.json`.
 *
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID, INFERENCE or ABORTED
 */
export async function measureCardFacts(
  dir: string,
  config: Config,
  options: MeasureOptions = {},
): Promise<CardFactsFile> {
  const files = (await listBundleFiles(dir)).map((path) => ({ path }));
  const present = Object.values(SPLIT_FILES).filter((name) => files.some(({ path }) => path === name));
  const tokenizer = await loadTokenizer(dir);
  const splits: Record<string, MeasuredSplit> = {};
  const texts = new Map<string, ReadonlySet<string>>();
  let testTokens: number[] = [];
  let examples: CardFactsFile['examples'] = [];
  for (const name of present) {
    const split = await readSplit(join(dir, name), config);
    const isTest = name === SPLIT_FILES.test;
    const counted = isTest ? split.texts : spread(split.texts, MOST_COUNTED);
    const tokens = countTokens(counted, tokenizer, options);
    splits[name] = describeSplit(split, tokens, config.input.maxLength);
    texts.set(name, new Set(split.texts));
    if (!isTest) continue;
    testTokens = tokens;
    examples = await scoreExamples(dir, split, config, options);
  }
  return {
    version: 1,
    madeFrom: await digestSources(dir, files, config),
    model: await measureModel(dir),
    splits,
    shared: listShared(texts),
    testTokens,
    examples,
    ...(options.trainingArgs === undefined ? {} : { trainingArgs: options.trainingArgs }),
  };
}

function countTokens(
  texts: readonly string[],
  tokenizer: TextEncoder,
  { signal, onProgress }: StageOptions,
): number[] {
  return texts.map((text, done) => {
    if (signal?.aborted) throw new HubwrightError('ABORTED', 'stopped while counting tokens');
    if (done % 100 === 0) {
      onProgress?.({ kind: 'advance', stage: 'assemble', done, total: texts.length, unit: 'rows counted' });
    }
    return tokenizer.encode(text, Number.POSITIVE_INFINITY).ids.length;
  });
}

function describeSplit(
  { labels, texts }: Split,
  tokens: readonly number[],
  maxLength: number,
): MeasuredSplit {
  const moments = measureMoments(labels);
  const sorted = tokens.toSorted((a, b) => a - b);
  return {
    rows: labels.length,
    labelMean: moments.mean,
    labelStd: populationStd(moments),
    duplicates: texts.length - new Set(texts).size,
    tokens: {
      counted: tokens.length,
      mean: tokens.reduce((sum, length) => sum + length, 0) / tokens.length,
      median: quantileSorted(sorted, 0.5) ?? 0,
      p95: quantileSorted(sorted, 0.95) ?? 0,
      max: sorted.at(-1) ?? 0,
    },
    truncated: tokens.filter((length) => length > maxLength).length,
  };
}

function listShared(splits: ReadonlyMap<string, ReadonlySet<string>>): CardFactsFile['shared'] {
  const names = [...splits.keys()];
  return names.flatMap((of, i) =>
    names.slice(0, i).map((other) => {
      const inside = splits.get(other) ?? new Set();
      return { of, in: other, rows: [...(splits.get(of) ?? [])].filter((text) => inside.has(text)).length };
    }),
  );
}

async function scoreExamples(
  dir: string,
  test: Split,
  config: Config,
  { predictionsAreOwn, cache, signal }: MeasureOptions,
): Promise<CardFactsFile['examples']> {
  const predictions = await readPredictions(join(dir, PREDICTIONS_FILE), test, config);
  const places = listExampleCandidates(listRows(test, predictions));
  if (places.length === 0) return [];
  const scored = predictionsAreOwn === true ? places : await score(dir, places, config, { cache, signal });
  const picked = pickExamples(scored);
  return picked === undefined
    ? []
    : [picked.high, picked.middle, picked.low].map(({ row, prediction }) => ({ row, score: prediction }));
}

/** The same candidates with the scores of the bundle's own model. */
async function score(
  dir: string,
  places: readonly (readonly Example[])[],
  { input, head }: Config,
  options: Pick<MeasureOptions, 'cache' | 'signal'>,
): Promise<Example[][]> {
  const texts = places.flat().map(({ text }) => text);
  const { scores } = await scoreTexts(dir, texts, {
    maxLength: input.maxLength,
    activation: head.activation,
    ...options,
  });
  let next = 0;
  return places.map((place) =>
    place.map((example) => ({ ...example, prediction: scores[next++] ?? Number.NaN })),
  );
}

/** At most `most` items, at even distances. */
function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)] as T);
}
