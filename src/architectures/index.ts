import { HubwrightError } from '../errors.ts';
import type { JsonObject } from '../formats/json.ts';
import type { Architecture } from './architecture.ts';
import { bert } from './bert.ts';
import { debertaV2 } from './deberta-v2.ts';
import { distilBert } from './distilbert.ts';
import { electra } from './electra.ts';
import { modernBert } from './modernbert.ts';
import { mpnet } from './mpnet.ts';
import { nomicBert } from './nomic-bert.ts';
import { roberta } from './roberta.ts';

/** All that can be exported. Adding one: its file, and a line here. */
export const ARCHITECTURES: readonly Architecture[] = [
  modernBert,
  bert,
  roberta,
  distilBert,
  electra,
  mpnet,
  debertaV2,
  nomicBert,
];

/** What Hubwright appends to a `model_type` whose wrapper brings its own code. */
export const WRAPPER_SUFFIX = '_reward';

export interface ModelType {
  readonly architecture: Architecture;
  /** The encoder's own `model_type`, such as `xlm-roberta`. */
  readonly modelType: string;
  /** What the names of its transformers classes begin with, such as `XLMRoberta`. */
  readonly className: string;
}

/**
 * Finds the architecture that config.json's `model_type` names.
 *
 * @throws HubwrightError UNSUPPORTED, listing what is supported.
 */
export function findArchitecture(raw: JsonObject): ModelType {
  const found = lookUpArchitecture(raw);
  if (found !== undefined) return found;
  const given = raw.model_type;
  const known = ARCHITECTURES.flatMap(({ modelTypes }) => Object.keys(modelTypes));
  throw new HubwrightError(
    'UNSUPPORTED',
    given === undefined
      ? 'config.json names no model_type'
      : `config.json: model_type ${JSON.stringify(given)} is not one that can be exported`,
    {
      hint: `supported: ${known.join(', ')}; for any other, bring your own ONNX file: hubwright assemble --onnx <file>`,
    },
  );
}

/** The same, or undefined. */
export function lookUpArchitecture({ model_type: given }: JsonObject): ModelType | undefined {
  const modelType = typeof given === 'string' ? stripSuffix(given) : undefined;
  if (modelType === undefined) return undefined;
  for (const architecture of ARCHITECTURES) {
    const className = Object.entries(architecture.modelTypes).find(([type]) => type === modelType)?.[1];
    if (className !== undefined) return { architecture, modelType, className };
  }
  return undefined;
}

function stripSuffix(type: string): string {
  return type.endsWith(WRAPPER_SUFFIX) ? type.slice(0, -WRAPPER_SUFFIX.length) : type;
}
