import { constants } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type Lock, recordOrigin, writeLock } from '../bundle.ts';
import type { TrainingArgsNotes } from '../card/card-facts-file.ts';
import { type Checkpoint, describeCheckpoint } from '../checkpoint/index.ts';
import { requireOneLabel } from '../checkpoint/labels.ts';
import { CONFIG_FILE, type Config } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { exportOnnx, ONNX_FILE } from '../export/index.ts';
import { exportVariants } from '../export/variants/index.ts';
import {
  formatJson,
  type JsonObject,
  parseJsonObject,
  readJsonObject,
  readJsonText,
} from '../formats/json.ts';
import { formatSpelledJson, parseSpelledJson } from '../formats/spelled-json.ts';
import { readTrainingArgs, toTrainingArgsJson } from '../formats/training-args.ts';
import { unreadableFile } from '../formats/unreadable-file.ts';
import { readWeights, WEIGHTS_FILE, type Weights } from '../formats/weights.ts';
import { loadTokenizer } from '../inference/tokenizer.ts';
import type { StageOptions } from '../progress.ts';
import { renderShim, SHIM_FILE } from '../shim/index.ts';
import { readSplit, SPLIT_FILES } from '../splits.ts';
import { copyTemplates, TEMPLATES_FOLDER, writeCard } from './card.ts';
import { baseModelConfig, makeModelConfig } from './model-config.ts';
import { describeOrigin } from './origin.ts';
import { replaceFolder } from './output-folder.ts';
import { copyOwnCode } from './own-code.ts';
import { copyOwnOnnx } from './own-onnx.ts';
import { writePickledWeights } from './pickled-weights.ts';
import { writePictures } from './pictures.ts';
import { writePredictions } from './predictions.ts';
import { nameFromFolder, type RunFolder, readRunFolder } from './run-folder.ts';
import { type LayoutSource, writeSentenceTransformers } from './sentence-transformers.ts';
import { makeSpecialTokensMap, portTokenizerConfig } from './tokenizer-files.ts';

export interface AssembleOptions extends StageOptions {
  readonly config: Config;
  /** The bundle folder; replaced when it is an untouched bundle, refused when it holds anything else. */
  readonly outDir: string;
  /** The author's own ONNX file, to be taken instead of an export; also by `onnx.file` in the config. */
  readonly onnx?: string | undefined;
  /** Where scores are kept between runs, by content; undefined keeps none. */
  readonly cacheDir?: string | undefined;
}

/** What the model files were made from; `checkpoint` is undefined where the author's own ONNX file stands for it. */
export interface ModelSource extends Omit<LayoutSource, 'checkpoint'> {
  readonly checkpoint: Checkpoint | undefined;
}

export interface AssembledBundle {
  readonly dir: string;
  readonly lock: Lock;
}

/**
 * Makes a bundle, the future repository, from what a training run left behind. Nothing in the run folder is changed,
 * and a bundle that could not be completed leaves nothing behind.
 *
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID, UNSUPPORTED or OUTPUT
 */
export async function assemble(runDir: string, options: AssembleOptions): Promise<AssembledBundle> {
  const { onProgress, outDir } = options;
  onProgress?.({ kind: 'start', stage: 'assemble', message: `assembling ${runDir}` });
  const run = await readRunFolder(runDir, options.config.files);
  const named = options.config.onnx.file;
  const onnx = options.onnx ?? (named === undefined ? undefined : join(runDir, named));
  const config: Config = {
    ...options.config,
    name: options.config.name ?? nameFromFolder(runDir),
    // In the bundle the key says that the file is not an export.
    onnx: { ...options.config.onnx, ...(onnx === undefined ? {} : { file: ONNX_FILE }) },
  };
  const lock = await replaceFolder(outDir, (dir) => fillBundle(dir, run, config, { ...options, onnx }));
  const ignored = run.ignored.filter((name) => onnx === undefined || resolve(runDir, name) !== resolve(onnx));
  for (const name of ignored) onProgress?.({ kind: 'note', message: `left behind: ${name}` });
  onProgress?.({ kind: 'done', stage: 'assemble', message: `${lock.files.length} files in ${outDir}` });
  return { dir: outDir, lock };
}

async function fillBundle(
  dir: string,
  run: RunFolder,
  config: Config,
  options: AssembleOptions,
): Promise<Lock> {
  for (const name of Object.values(SPLIT_FILES)) {
    if (run.copied.includes(name)) await readSplit(run.at(name), config);
  }
  const model = await writeModelFiles(dir, run, config, options);
  await writeTokenizerFiles(dir, run, config);
  if (config.layouts.includes('sentence-transformers'))
    await writeSentenceTransformers(dir, requireKnown(model));
  const trainingArgs = await writeTrainingArgs(dir, run, options);
  await copyTemplates(dir, config);
  await writeFile(join(dir, CONFIG_FILE), formatJson(publicConfig(config)));
  const predictionsAreOwn = await writePredictions(dir, run, config, options);
  await exportVariants(dir, config.onnx.variants, config, options);
  await writePictures(dir, config);
  await writeCard(dir, config, { ...options, trainingArgs, predictionsAreOwn });
  const lock = await writeLock(dir);
  return recordOrigin(dir, lock, await describeOrigin(run, lock, options.onnx));
}

/** Writes weights, settings, code and graph: all that scoring needs but the tokenizer. */
export async function writeModelFiles(
  dir: string,
  run: RunFolder,
  config: Config,
  { onnx, onProgress }: Pick<AssembleOptions, 'onnx' | 'onProgress'> = {},
): Promise<ModelSource> {
  if (run.pickledWeights !== undefined) {
    await writePickledWeights(run.at(run.pickledWeights), join(dir, WEIGHTS_FILE));
  }
  const weights = await readWeights(run.pickledWeights === undefined ? run.modelDir : dir);
  const text = run.hasConfig
    ? await readJsonText(run.at('config.json'))
    : formatJson(baseModelConfig(config.baseModel));
  const raw = parseJsonObject(text, 'config.json');
  const checkpoint = explain(weights, raw, { onnx, onProgress });
  if (checkpoint !== undefined) checkMaxLength(checkpoint, config);
  const modelConfig = makeModelConfig(parseSpelledJson(text, 'config.json'), checkpoint, config);
  for (const name of run.copied) {
    if (name.endsWith('.json')) await readJsonObject(run.at(name));
    // Copy-on-write where the file system can: 600 MB of weights then take neither time nor space.
    await copyFile(run.at(name), join(dir, name), constants.COPYFILE_FICLONE);
  }
  await writeFile(join(dir, 'config.json'), formatSpelledJson(modelConfig));
  if (checkpoint === undefined) await copyOwnCode(run.modelDir, dir, raw);
  // A stock class needs no code of its own: transformers has it.
  else if (checkpoint.classifier === undefined) {
    await writeFile(join(dir, SHIM_FILE), renderShim({ checkpoint, config, weightFiles: weights.files }));
  }
  if (onnx === undefined) await exportOnnx(dir, { pooling: config.head.pooling });
  else await copyOwnOnnx(onnx, dir);
  return { raw: parseSpelledJson(text, 'config.json'), weights, checkpoint, config };
}

/**
 * The checkpoint explained; undefined where only the author's own ONNX file says what the model computes. Then
 * transformers must have its class, or the run the class's code: none can be written for it.
 */
function explain(
  weights: Weights,
  raw: JsonObject,
  { onnx, onProgress }: Pick<AssembleOptions, 'onnx' | 'onProgress'>,
): Checkpoint | undefined {
  try {
    const checkpoint = describeCheckpoint(weights, raw);
    requireOneLabel(checkpoint);
    return checkpoint;
  } catch (error) {
    if (onnx === undefined || !(error instanceof HubwrightError)) throw error;
    onProgress?.({
      kind: 'note',
      message: `${basename(onnx)} alone says what the model computes: ${error.message}`,
    });
  }
  const [name] = Array.isArray(raw.architectures) ? raw.architectures : [];
  if (typeof name === 'string' && name.endsWith('ForSequenceClassification')) return undefined;
  throw new HubwrightError(
    'UNSUPPORTED',
    `config.json: architectures is ${JSON.stringify(raw.architectures ?? null)}; for an encoder that Hubwright does not know, it must name a …ForSequenceClassification`,
    { hint: 'save the model by that class: AutoModelForSequenceClassification.…save_pretrained(run_dir)' },
  );
}

function requireKnown({ checkpoint, ...source }: ModelSource): LayoutSource {
  if (checkpoint !== undefined) return { ...source, checkpoint };
  throw new HubwrightError(
    'CONFIG',
    'layouts: sentence-transformers is made from the tensors of an encoder that Hubwright knows',
    { hint: 'leave layouts out of hubwright.json' },
  );
}

function checkMaxLength({ config: { maxPositions, limitsLength } }: Checkpoint, { input }: Config): void {
  if (limitsLength !== true || input.maxLength <= maxPositions) return;
  throw new HubwrightError(
    'CONFIG',
    `input.maxLength is ${input.maxLength}; the encoder takes at most ${maxPositions} tokens`,
    { hint: 'set input.maxLength in hubwright.json to what training truncated to' },
  );
}

export async function writeTokenizerFiles(dir: string, run: RunFolder, config: Config): Promise<void> {
  const name = 'tokenizer_config.json';
  const text = await readJsonText(run.at(name));
  const specialTokens = makeSpecialTokensMap(parseJsonObject(text, name));
  const ported = portTokenizerConfig(parseSpelledJson(text, name), config.input.maxLength);
  await writeFile(join(dir, name), formatSpelledJson(ported));
  await writeFile(join(dir, 'special_tokens_map.json'), formatJson(specialTokens));
  // A tokenizer that cannot be loaded is told now, not by the first reader of the repository.
  await loadTokenizer(dir);
}

const LEAKS = {
  secret: 'a secret',
  'absolute-path': 'an absolute path',
  'host-name': 'a host name',
} as const;

/** The pickle is shipped only when its imports are all harmless and it carries no secret; the JSON twin always is. */
async function writeTrainingArgs(
  dir: string,
  run: RunFolder,
  { onProgress }: StageOptions,
): Promise<TrainingArgsNotes | undefined> {
  if (!run.hasTrainingArgs) return undefined;
  const path = run.at('training_args.bin');
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadableFile(path, cause);
  });
  const reading = await readTrainingArgs(bytes);
  await writeFile(join(dir, 'training_args.json'), toTrainingArgsJson(reading));
  const reasons = [
    ...reading.dangers,
    ...reading.leaks.map(({ key, kind }) => `holds ${LEAKS[kind]} in ${key}`),
  ];
  if (reasons.length === 0) {
    await writeFile(join(dir, 'training_args.bin'), bytes);
  } else {
    onProgress?.({
      kind: 'note',
      message: `training_args.bin is not shipped: the file ${reasons.join('; ')}`,
    });
  }
  if (reading.notRead.length > 0) {
    const names = reading.notRead.join(', ');
    onProgress?.({ kind: 'note', message: `not plain data in training_args.bin, and not read: ${names}` });
  }
  return { notRead: [...reading.notRead], withheld: reasons };
}

/** The config as the bundle carries it: without what only means something on the author's machine. */
function publicConfig(config: Config): Omit<Config, 'files'> {
  const { $schema: _, files: __, ...rest } = config;
  const { templates } = config.card;
  return templates === undefined ? rest : { ...rest, card: { ...rest.card, templates: TEMPLATES_FOLDER } };
}
