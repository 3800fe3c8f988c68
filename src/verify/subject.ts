import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SigningKey } from '../attest/keys.ts';
import { hashFile, type Lock, type LockedFile } from '../bundle.ts';
import { type Checkpoint, describeCheckpoint } from '../checkpoint/index.ts';
import { CONFIG_FILE, type Config, loadConfig } from '../config.ts';
import { buildOnnx, ONNX_FILE } from '../export/index.ts';
import { digestModel } from '../export/model-digest.ts';
import { type JsonObject, readJsonObject } from '../formats/json.ts';
import { readLimitedText } from '../formats/limited-file.ts';
import { readWeights, type Weights } from '../formats/weights.ts';
import type { CachePlace } from '../inference/index.ts';
import { splitTemplate } from '../inference/template.ts';
import { listMetricEntries, type MetricEntry } from '../metrics/entries.ts';
import { chooseTolerance, type Tolerance } from '../metrics/tolerance.ts';
import { PREDICTIONS_FILE, readPredictions, type ScannedSplit, SPLIT_FILES, scanSplit } from '../splits.ts';
import type { Baseline } from './baseline.ts';
import { type Invariance, measureInvariance } from './invariance.ts';
import { type Measurement, type MeasureOptions, measureSplit, scoreAlike } from './measurement.ts';
import { requireRunnable } from './runnable-graph.ts';
import { surveyTexts, type TextSurvey } from './texts/text-survey.ts';
import { surveyWeights, type WeightSurvey } from './weight-survey.ts';

/** The bundle that is being verified. What several rules look at is read, or run, once. */
export interface Subject {
  readonly dir: string;
  /** Paths of its files, sorted, without the lock and the report. */
  readonly files: readonly string[];
  /** The files that it says it holds. */
  readonly lock: Lock;
  /** Its files as they are, each read once however many ask. */
  readonly hashes: () => Promise<LockedFile[]>;
  /** Its files of weights by path, read together with their hashes. */
  readonly surveys: () => Promise<ReadonlyMap<string, WeightSurvey>>;
  readonly config: () => Promise<Config>;
  readonly header: () => Promise<Weights>;
  readonly checkpoint: () => Promise<Checkpoint>;
  /** Whether model.onnx is, byte for byte, the export of the weights and the config. */
  readonly graphIsExport: () => Promise<boolean>;
  /** config.json */
  readonly modelConfig: () => Promise<JsonObject>;
  readonly tokenizer: () => Promise<JsonObject>;
  /** tokenizer_config.json */
  readonly tokenizerConfig: () => Promise<JsonObject>;
  /** The text of README.md. */
  readonly card: () => Promise<string>;
  readonly split: (name: keyof typeof SPLIT_FILES) => Promise<ScannedSplit>;
  /** What its texts are like; undefined for a split that the bundle does not hold. */
  readonly texts: (name: keyof typeof SPLIT_FILES) => Promise<TextSurvey | undefined>;
  /** The recorded predictions of the test split. */
  readonly predictions: () => Promise<Float64Array>;
  /** How exactly metrics and scores must come out. */
  readonly tolerance: () => Promise<Tolerance>;
  /** `training_args.json`; undefined where there is none. */
  readonly trainingArgs: () => Promise<JsonObject | undefined>;
  /** `training_results.json`; undefined where there is none. */
  readonly trainingResults: () => Promise<JsonObject | undefined>;
  /** The numbers of `test_metrics.json`. */
  readonly claims: () => Promise<MetricEntry[]>;
  /** Whose signature the bundle should carry; undefined where nobody said. */
  readonly publicKey: SigningKey | undefined;
  /** The model with its attention decomposed; undefined where model.onnx is not an export, and only itself can run. */
  readonly decompose: () => Promise<Uint8Array | undefined>;
  /** Where scores of a graph may be kept, if anywhere; of `model.onnx` unless another is named. */
  readonly findCache: (graph?: string) => Promise<CachePlace | undefined>;
  /** Throws when `model.onnx` reads files of others, or may never end: then it is not run. */
  readonly runnable: () => Promise<void>;
  /** What the model says of the same texts in different company. */
  readonly invariance: () => Promise<Invariance>;
  /** What the model must not be worse than, if anything was named. */
  readonly baseline: Baseline | undefined;
  /** Runs the ONNX model over the test split. */
  readonly measurement: () => Promise<Measurement>;
  /** What that gave, if any rule asked for it and it could be done. */
  readonly measured: () => Promise<Measurement | undefined>;
  /** Whether only some rows are looked at. */
  readonly sampled: boolean;
  /** Runs another graph of the bundle over the rows that `measurement` ran over; one score a row. */
  readonly scoreAlike: (graph: string) => Promise<Float64Array>;
}

export interface SubjectOptions extends MeasureOptions {
  readonly baseline?: Baseline | undefined;
  /** The public key of who should have signed the bundle. */
  readonly publicKey?: SigningKey | undefined;
  /** Where scores are kept between runs; undefined keeps none. */
  readonly cacheDir?: string | undefined;
}

export function openSubject(
  dir: string,
  files: readonly string[],
  lock: Lock,
  options: SubjectOptions,
): Subject {
  const at = (name: string) => join(dir, name);
  const optional = async (name: string) => (files.includes(name) ? readJsonObject(at(name)) : undefined);
  const trainingArgs = once(() => optional('training_args.json'));
  const config = once(() => loadConfig(at(CONFIG_FILE), { inside: true }));
  const header = once(() => readWeights(dir));
  const splits = {
    train: once(async () => scanSplit(at(SPLIT_FILES.train), await config())),
    eval: once(async () => scanSplit(at(SPLIT_FILES.eval), await config())),
    test: once(async () => scanSplit(at(SPLIT_FILES.test), await config())),
  };
  const texts = (name: keyof typeof SPLIT_FILES) =>
    once(async () => {
      if (!files.includes(SPLIT_FILES[name])) return undefined;
      const bare = splitTemplate((await config()).input.template).filter((_, i) => i % 2 === 0);
      return surveyTexts(await splits[name](), bare.join(''));
    });
  const textsOf = { train: texts('train'), eval: texts('eval'), test: texts('test') };
  const surveys = once(async () => {
    const found = new Map<string, WeightSurvey>();
    for (const path of files.filter((name) => name.endsWith('.safetensors')))
      found.set(path, await surveyWeights(dir, path, options.cacheDir));
    return found;
  });
  const hashes = once(async () => {
    const weights = await surveys();
    const hashed: LockedFile[] = [];
    for (const path of files)
      hashed.push(weights.get(path)?.file ?? (await hashFile(dir, path, { cacheDir: options.cacheDir })));
    return hashed;
  });
  const modelConfig = once(() => readJsonObject(at('config.json')));
  const checkpoint = once(async () => describeCheckpoint(await header(), await modelConfig()));
  const graphIsExport = once(async () => {
    const { head } = await config();
    const expected = buildOnnx(await checkpoint(), { pooling: head.pooling });
    return (await readFile(at(ONNX_FILE))).equals(expected);
  });
  /** A graph that reads weights from elsewhere has no place in the cache. */
  const findCache = async (graph = ONNX_FILE) => {
    if (options.cacheDir === undefined) return undefined;
    const model = await digestModel(dir, graph, await hashes()).catch(() => undefined);
    return model === undefined ? undefined : { dir: options.cacheDir, model };
  };
  const decompose = async () => {
    if (!(await graphIsExport().catch(() => false))) return undefined;
    const { head } = await config();
    return buildOnnx(await checkpoint(), { pooling: head.pooling, attention: 'decomposed' });
  };
  let asked = false;
  const runnable = once(() => requireRunnable(dir, ONNX_FILE, files));
  const measure = once(async () => {
    await runnable();
    return measureSplit(dir, await config(), await splits.test(), await findCache(), {
      ...options,
      decompose,
    });
  });
  return {
    dir,
    files,
    lock,
    hashes,
    surveys,
    config,
    header,
    checkpoint,
    graphIsExport,
    decompose,
    findCache,
    modelConfig,
    publicKey: options.publicKey,
    tokenizer: once(() => readJsonObject(at('tokenizer.json'))),
    tokenizerConfig: once(() => readJsonObject(at('tokenizer_config.json'))),
    card: once(() => readLimitedText(at('README.md'))),
    split: (name) => splits[name](),
    texts: (name) => textsOf[name](),
    predictions: once(async () => readPredictions(at(PREDICTIONS_FILE), await splits.test(), await config())),
    tolerance: once(async () => chooseTolerance(await config(), await trainingArgs())),
    trainingArgs,
    trainingResults: once(() => optional('training_results.json')),
    claims: once(async () => listMetricEntries(await readJsonObject(at('test_metrics.json')))),
    invariance: once(async () => {
      await runnable();
      const { maxLength } = (await config()).input;
      const { signal } = options;
      return measureInvariance(dir, await splits.test(), maxLength, { signal, cache: await findCache() });
    }),
    runnable,
    baseline: options.baseline,
    measurement: () => {
      asked = true;
      return measure();
    },
    sampled: options.sample !== undefined,
    scoreAlike: async (graph) => {
      await requireRunnable(dir, graph, files);
      return scoreAlike(dir, await config(), await measure(), graph, await findCache(graph), options);
    },
    measured: async () => (asked ? await measure().catch(() => undefined) : undefined),
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
