import { join } from 'node:path';
import { lookUpArchitecture } from '../architectures/index.ts';
import { modernBert } from '../architectures/modernbert.ts';
import { isJsonObject, type JsonObject, readJsonObject } from '../formats/json.ts';
import { readWeights, WEIGHTS_FILE, WEIGHTS_INDEX_FILE } from '../formats/weights.ts';
import type { BundleFile } from './file-list.ts';

export interface ModelFacts {
  /** True for a ModernBERT encoder under its own or the shim's model type. */
  readonly isModernBert: boolean;
  /** The encoder's own model type, and what people call it; undefined for one that Hubwright does not know. */
  readonly modelType: string | undefined;
  readonly encoderTitle: string | undefined;
  /** The class of transformers that the model is, head and all; undefined for one with code of its own. */
  readonly stockClass: string | undefined;
  readonly layers: number | undefined;
  readonly hiddenSize: number | undefined;
  /** The longest input that the encoder takes, in tokens. */
  readonly maxPositions: number | undefined;
  readonly parameters: number | undefined;
  /** What config.json calls the one label. */
  readonly label: string;
  /** True when texts that are too long lose their start instead of their end. */
  readonly truncatesStart: boolean;
}

/** What config.json, tokenizer_config.json and the header of the weights say. */
export async function readModelFacts(dir: string, files: readonly BundleFile[]): Promise<ModelFacts> {
  const config = (await readOptionalJson(dir, files, 'config.json')) ?? {};
  const tokenizer = (await readOptionalJson(dir, files, 'tokenizer_config.json')) ?? {};
  const known = lookUpArchitecture(config);
  const label = isJsonObject(config.id2label) ? config.id2label['0'] : undefined;
  return {
    isModernBert: known?.architecture === modernBert,
    modelType: known?.modelType,
    encoderTitle: known?.architecture.title,
    stockClass: findStockClass(config),
    layers: numberOf(config.num_hidden_layers),
    hiddenSize: numberOf(config.hidden_size),
    maxPositions: numberOf(config.max_position_embeddings),
    parameters: await countParameters(dir, files),
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

async function countParameters(dir: string, files: readonly BundleFile[]): Promise<number | undefined> {
  if (!files.some(({ path }) => path === WEIGHTS_FILE || path === WEIGHTS_INDEX_FILE)) return undefined;
  const { tensors } = await readWeights(dir);
  const sizes = Array.from(tensors.values(), ({ shape }) => shape.reduce((product, dim) => product * dim, 1));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
