import { join } from 'node:path';
import type { Lock } from '../bundle.ts';
import { type Checkpoint, describeCheckpoint } from '../checkpoint/index.ts';
import { CONFIG_FILE, type Config, loadConfig } from '../config.ts';
import { type JsonObject, readJsonObject } from '../formats/json.ts';
import { readWeights, type Weights } from '../formats/weights.ts';
import { type Scores, scoreTexts } from '../inference/index.ts';
import { listMetricEntries, type MetricEntry } from '../metrics/entries.ts';
import { measureRegression, type RegressionMetrics } from '../metrics/regression.ts';
import type { StageOptions } from '../progress.ts';
import { readSplit, SPLIT_FILES, type Split } from '../splits.ts';

/** The test split as inference saw it. */
export interface Measurement extends Scores {
  readonly test: Split;
  readonly metrics: RegressionMetrics;
}

/** The bundle that is being verified. What several rules look at is read, or run, once. */
export interface Subject {
  readonly dir: string;
  /** Paths of its files, sorted, without the lock and the report. */
  readonly files: readonly string[];
  /** The files that it says it holds. */
  readonly lock: Lock;
  readonly config: () => Promise<Config>;
  readonly header: () => Promise<Weights>;
  readonly checkpoint: () => Promise<Checkpoint>;
  readonly tokenizer: () => Promise<JsonObject>;
  readonly split: (name: keyof typeof SPLIT_FILES) => Promise<Split>;
  /** The numbers of `test_metrics.json`. */
  readonly claims: () => Promise<MetricEntry[]>;
  /** Runs the ONNX model over the whole test split. */
  readonly measurement: () => Promise<Measurement>;
}

export function openSubject(
  dir: string,
  files: readonly string[],
  lock: Lock,
  options: StageOptions,
): Subject {
  const at = (name: string) => join(dir, name);
  const config = once(() => loadConfig(at(CONFIG_FILE)));
  const header = once(() => readWeights(dir));
  const splits = {
    train: once(async () => readSplit(at(SPLIT_FILES.train), await config())),
    eval: once(async () => readSplit(at(SPLIT_FILES.eval), await config())),
    test: once(async () => readSplit(at(SPLIT_FILES.test), await config())),
  };
  return {
    dir,
    files,
    lock,
    config,
    header,
    checkpoint: once(async () => describeCheckpoint(await header(), await readJsonObject(at('config.json')))),
    tokenizer: once(() => readJsonObject(at('tokenizer.json'))),
    split: (name) => splits[name](),
    claims: once(async () => listMetricEntries(await readJsonObject(at('test_metrics.json')))),
    measurement: once(async () => {
      const { input, head } = await config();
      const test = await splits.test();
      const scores = await scoreTexts(dir, test.texts, {
        maxLength: input.maxLength,
        activation: head.activation,
        onAdvance: (done, total) =>
          options.onProgress?.({ kind: 'advance', stage: 'verify', done, total, unit: 'rows' }),
        signal: options.signal,
      });
      return { ...scores, test, metrics: measureRegression(test.labels, scores.scores) };
    }),
  };
}

/** Keeps the promise, so that a failure too is computed once and seen by every rule that asks. */
function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= compute();
    return result;
  };
}
