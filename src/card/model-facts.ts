import { join } from 'node:path';
import { lookUpArchitecture } from '../architectures/index.ts';
import { modernBert } from '../architectures/modernbert.ts';
import { KNOWN_BASES } from '../checkpoint/known-bases.ts';
import type { Config } from '../config.ts';
import { isJsonObject, type JsonObject, readJsonObject } from '../formats/json.ts';
import type { TensorEntry } from '../formats/safetensors.ts';
import { readWeights, WEIGHTS_FILE, WEIGHTS_INDEX_FILE } from '../formats/weights.ts';
import type { CardFactsFile, MeasuredModel } from './card-facts-file.ts';
import type { BundleFile } from './file-list.ts';

export interface ModelFacts {
  /** True for a ModernBERT encoder under its own or the shim's model type. */
  readonly isModernBert: boolean;
  /** The encoder's own model type, and what people call it; undefined for one that Hubwright does not know. */
  readonly modelType: string | undefined;
  readonly encoderTitle: string | undefined;
  /** The class of transformers that the model is, head and all; undefined for one with code of its own. */
  readonly stockClass: string | undefined;
  /** Whether that class is not one of transformers' own, but of code in the repository. */
  readonly hasOwnCode: boolean;
  readonly layers: number | undefined;
  readonly hiddenSize: number | undefined;
  readonly attentionHeads: number | undefined;
  /** The longest input that the encoder takes, in tokens. */
  readonly maxPositions: number | undefined;
  readonly vocabulary: number | undefined;
  /** True when the base model is known to have as many tokens. */
  readonly hasBaseVocabulary: boolean;
  readonly weights: MeasuredModel | undefined;
  /** What config.json calls the one label. */
  readonly label: string;
  /** True when texts that are too long lose their start instead of their end. */
  readonly truncatesStart: boolean;
}

/** What config.json, tokenizer_config.json and the header of the weights say. */
export async function readModelFacts(
  dir: string,
  files: readonly BundleFile[],
  measured: CardFactsFile | undefined,
  { baseModel }: Pick<Config, 'baseModel'>,
): Promise<ModelFacts> {
  const config = (await readOptionalJson(dir, files, 'config.json')) ?? {};
  const tokenizer = (await readOptionalJson(dir, files, 'tokenizer_config.json')) ?? {};
  const known = lookUpArchitecture(config);
  const label = isJsonObject(config.id2label) ? config.id2label['0'] : undefined;
  const vocabulary = numberOf(config.vocab_size);
  const base = KNOWN_BASES[baseModel?.toLowerCase() ?? ''];
  return {
    isModernBert: known?.architecture === modernBert,
    modelType: known?.modelType,
    encoderTitle: known?.architecture.title,
    stockClass: findStockClass(config),
    hasOwnCode: config.auto_map !== undefined,
    layers: numberOf(config.num_hidden_layers),
    hiddenSize: numberOf(config.hidden_size),
    attentionHeads: numberOf(config.num_attention_heads),
    maxPositions: numberOf(config.max_position_embeddings),
    vocabulary,
    hasBaseVocabulary: vocabulary !== undefined && base?.vocab_size === vocabulary,
    weights: measured?.model ?? (await readWeightsHeader(dir, files)),
    // transformers' own name for a label that nobody named.
    label: typeof label === 'string' ? label : 'LABEL_0',
    truncatesStart: tokenizer.truncation_side === 'left',
  };
}

function findStockClass({ architectures }: JsonObject): string | undefined {
  const [first] = Array.isArray(architectures) ? architectures : [];
  return typeof first === 'string' && first.endsWith('ForSequenceClassification') ? first : undefined;
}

/** A JSON file of the bundle, or undefined when the bundle has none of that name. */
export async function readOptionalJson(
  dir: string,
  files: readonly BundleFile[],
  name: string,
): Promise<JsonObject | undefined> {
  return files.some(({ path }) => path === name) ? readJsonObject(join(dir, name)) : undefined;
}

async function readWeightsHeader(
  dir: string,
  files: readonly BundleFile[],
): Promise<MeasuredModel | undefined> {
  const isThere = files.some(({ path }) => path === WEIGHTS_FILE || path === WEIGHTS_INDEX_FILE);
  return isThere ? measureModel(dir) : undefined;
}

/** Parameters and types from the header of the weights, the head by its shape. */
export async function measureModel(dir: string): Promise<MeasuredModel> {
  const tensors = [...(await readWeights(dir)).tensors.values()];
  const head = findHeadWeight(tensors);
  return {
    parameters: tensors.reduce((sum, { shape }) => sum + shape.reduce((product, dim) => product * dim, 1), 0),
    dtypes: [...new Set(tensors.map(({ dtype }) => dtype))].sort(),
    ...(head === undefined ? {} : { head: head.name }),
  };
}

/** The one weight that makes a single number of a pooled state. */
function findHeadWeight(tensors: readonly TensorEntry[]): TensorEntry | undefined {
  const heads = tensors.filter(({ name, shape: [rows], shape }) => {
    return name.endsWith('.weight') && shape.length === 2 && rows === 1;
  });
  return heads.length === 1 ? heads[0] : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
