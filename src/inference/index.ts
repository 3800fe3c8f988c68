import type { Config } from '../config.ts';
import type { Group } from './batches.ts';
import type { Conditions, DeviceChoice } from './device.ts';
import type { ScoreProgress } from './progress.ts';
import { type Environment, type Run, runModel } from './run.ts';
import type { TextSource } from './text-source.ts';

export interface ScoreOptions extends DeviceChoice {
  /** The ONNX file, relative to the folder; `model.onnx` unless another is named. */
  readonly graph?: string | undefined;
  /** Tokens to truncate to, special ones included. */
  readonly maxLength: number;
  readonly activation: Config['head']['activation'];
  /** How many logits the model gives a row; 1 unless told otherwise. */
  readonly labels?: number | undefined;
  readonly onAdvance?: (progress: ScoreProgress) => void;
  readonly signal?: AbortSignal | undefined;
  /**
   * The model as a graph whose attention is decomposed, for devices without a kernel for it; undefined, or giving
   * undefined, runs model.onnx everywhere.
   */
  readonly decompose?: (() => Promise<Uint8Array | undefined>) | undefined;
  /** Told why a device was not used, or what else is not as usual. */
  readonly onNote?: ((message: string) => void) | undefined;
  /** Where to keep scores between runs; none are kept without it. */
  readonly cache?: CachePlace | undefined;
}

export interface CachePlace {
  readonly dir: string;
  /** A digest of every byte that the graph may read: the file itself and its weights. */
  readonly model: string;
}

export interface Scores {
  /** [texts, labels] in the order given, so one score a text for one label; with `sigmoid` in [0, 1]. */
  readonly scores: Float64Array;
  /** [texts, labels], before the activation. */
  readonly logits: Float64Array;
  readonly distinctTexts: number;
  /** Tokens of the distinct texts, special ones included. */
  readonly tokens: number;
  readonly truncatedRows: number;
  /** Distinct texts whose logits came from the cache. */
  readonly cachedTexts: number;
  readonly executionProvider: string;
  readonly runtimeVersion: string;
  readonly conditions: Conditions;
}

/** One of `count` equal shares of the work, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** What one shard computed: its rows, ascending and counted from 0, and the logit of each of them. */
export interface ShardLogits extends Pick<Run, 'cachedTexts' | keyof Environment> {
  readonly rows: Uint32Array;
  readonly logits: Float32Array;
  /** Of all rows, not of the shard's alone. */
  readonly whole: Pick<Scores, 'distinctTexts' | 'tokens' | 'truncatedRows'> & { readonly rows: number };
}

/**
 * Scores texts with a bundle's own tokenizer and ONNX model, on a thread of its own. Equal texts run once, texts of
 * equal length together. Of each text only its token ids are kept.
 *
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID, INFERENCE or ABORTED
 */
export async function scoreTexts(dir: string, texts: TextSource, options: ScoreOptions): Promise<Scores> {
  const run = await runModel(dir, texts, options);
  const { sequences, cachedTexts, truncatedRows, executionProvider, runtimeVersion, conditions } = run;
  const { labels = 1 } = options;
  const logits = new Float64Array(sequences.rows * labels);
  for (let row = 0; row < sequences.rows; row += 1) {
    const at = sequences.ofRow(row) * labels;
    logits.set(run.logits.subarray(at, at + labels), row * labels);
  }
  return {
    scores: activate(logits, options.activation),
    logits,
    distinctTexts: sequences.count,
    tokens: sequences.tokens,
    truncatedRows,
    cachedTexts,
    executionProvider,
    runtimeVersion,
    conditions,
  };
}

/**
 * Scores one shard of the texts. All of them are tokenized, which is quick, so that every shard knows how the whole is
 * grouped: the shards together compute exactly the batches of a single run.
 *
 * @throws HubwrightError as `scoreTexts`
 */
export async function scoreShard(
  dir: string,
  texts: TextSource,
  shard: Shard,
  options: Omit<ScoreOptions, 'activation' | 'labels'>,
): Promise<ShardLogits> {
  const run = await runModel(dir, texts, options, (groups) => dealGroups(groups, shard));
  const { sequences, cachedTexts, truncatedRows, executionProvider, runtimeVersion, conditions } = run;
  const mine = new Set(run.groups.flat());
  const rows = Uint32Array.from(Array(sequences.rows).keys()).filter((row) => mine.has(sequences.ofRow(row)));
  return {
    rows,
    logits: Float32Array.from(rows, (row) => logitOf(run, row)),
    whole: {
      rows: sequences.rows,
      distinctTexts: sequences.count,
      tokens: sequences.tokens,
      truncatedRows,
    },
    cachedTexts,
    executionProvider,
    runtimeVersion,
    conditions,
  };
}

/** Deals groups as cards: they come longest first, so each shard gets about as much to compute. */
export function dealGroups(groups: readonly Group[], { index, count }: Shard): Group[] {
  return groups.filter((_, i) => i % count === index - 1);
}

function logitOf({ sequences, logits }: Run, row: number): number {
  return logits[sequences.ofRow(row)] ?? Number.NaN;
}

/** The scores of logits: sigmoid(x) = 1 / (1 + e^−x), in float64 and rounded to float32 as the training code's is. */
export function activate(logits: Float64Array, activation: ScoreOptions['activation']): Float64Array {
  if (activation === 'identity') return logits;
  return logits.map((logit) => Math.fround(1 / (1 + Math.exp(-logit))));
}
