import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPO_ID } from '../config.ts';
import { readCardData } from '../formats/card-yaml.ts';
import { isJsonObject, type JsonObject, readJsonObject } from '../formats/json.ts';
import { type Fact, fact } from './fact.ts';
import type { Survey } from './survey.ts';

/** A `model_max_length` this large is transformers' way of saying "unknown". */
const UNKNOWN_LENGTH = 1e9;

/** What the model's own files say, wherever they lie: beside the weights, or at the root. */
export interface ModelFacts {
  readonly facts: readonly Fact[];
  /** What kind of thing was trained, in words. */
  readonly kind: string;
  readonly separators: readonly string[];
}

/** Base model, maximal length, license and languages, from the settings that training saved. */
export async function readModelFacts(survey: Survey): Promise<ModelFacts> {
  const config = await readFirst(survey, 'config.json');
  const tokenizer = await readFirst(survey, 'tokenizer.json');
  const tokenizerConfig = await readFirst(survey, 'tokenizer_config.json');
  const card = await readFile(join(survey.dir, 'README.md'), 'utf8').then(readCardData, () => undefined);
  const facts = [
    inferBase(config, card),
    inferMaxLength(tokenizer, tokenizerConfig),
    typeof card?.license === 'string' ? fact('license', card.license, "the run's README.md") : undefined,
    Array.isArray(card?.language) ? fact('language', card.language, "the run's README.md") : undefined,
  ].filter((found) => found !== undefined);
  return {
    facts,
    kind: describeKind(config, await readFirst(survey, 'config_sentence_transformers.json')),
    separators: listSeparators(tokenizerConfig),
  };
}

async function readFirst({ dir, model }: Survey, name: string): Promise<JsonObject> {
  for (const folder of [join(dir, model), dir]) {
    const found = await readJsonObject(join(folder, name)).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return {};
}

function inferBase(config: JsonObject, card: Record<string, unknown> | undefined): Fact | undefined {
  const path = config._name_or_path;
  if (typeof path === 'string' && REPO_ID.test(path)) {
    return fact('baseModel', path, '_name_or_path of config.json');
  }
  const base = card?.base_model;
  return typeof base === 'string' && REPO_ID.test(base)
    ? fact('baseModel', base, "base_model of the run's README.md")
    : undefined;
}

function inferMaxLength({ truncation }: JsonObject, settings: JsonObject): Fact | undefined {
  const length = isJsonObject(truncation) ? truncation.max_length : undefined;
  if (typeof length === 'number') {
    return fact('input.maxLength', length, 'tokenizer.json truncates there, as it was last used');
  }
  for (const key of ['max_length', 'model_max_length']) {
    const value = settings[key];
    if (typeof value === 'number' && value < UNKNOWN_LENGTH) {
      return fact('input.maxLength', value, `${key} of tokenizer_config.json`);
    }
  }
  return undefined;
}

/** sentence-transformers says so in a file of its own since version 5.4, and in config.json before. */
function describeKind(config: JsonObject, sentenceTransformers: JsonObject): string {
  const [name] = Array.isArray(config.architectures) ? config.architectures : [];
  const isCrossEncoder =
    sentenceTransformers.model_type === 'CrossEncoder' ||
    isJsonObject(config.sentence_transformers) ||
    'sbert_ce_default_activation_function' in config;
  if (isCrossEncoder) return `a CrossEncoder of sentence-transformers (${name})`;
  if (typeof name === 'string' && name.endsWith('ForSequenceClassification')) {
    return `a model of transformers' own (${name})`;
  }
  return 'a module of your own around an encoder';
}

function listSeparators(settings: JsonObject): string[] {
  const token = settings.sep_token;
  const text = isJsonObject(token) ? token.content : token;
  if (typeof text !== 'string') return [];
  // RoBERTa's pairs have two of them in the middle.
  return text === '</s>' ? [text, text + text] : [text];
}
