import {
  type Check,
  isAnything,
  isArrayOf,
  isBoolean,
  isEither,
  isNumber,
  isObject,
  isOneOf,
  isOneOrMany,
  isRecord,
  isShape,
  isString,
} from './card-checks.ts';
import { BASE_MODEL_RELATIONS, LANGUAGES, LICENSES, SPECIAL_LANGUAGES } from './card-vocabulary.ts';

/** `name` or `namespace/name`; what a local path, a sentence or a URL is not. */
const HUB_ID = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]{0,95})?$/;

const isHubId =
  (advice: string): Check =>
  (value, label, report) => {
    if (typeof value !== 'string') return report(`"${label}" must be a string`);
    if (!HUB_ID.test(value) || /--|\.\./.test(value)) {
      report(`"${label}" with value "${value}" is not valid. ${advice}`);
    }
  };
const isModelId = isHubId('Use a model id from https://hf.co/models.');
const isDatasetId = isHubId('If possible, use a dataset id from https://hf.co/datasets.');

const isLanguage: Check = (value, label, report) => {
  if (typeof value !== 'string') return report(`"${label}" must be a string`);
  if (value !== value.toLowerCase()) return report(`"${label}" must only contain lowercase characters`);
  const known = LANGUAGES.has(value) || SPECIAL_LANGUAGES.includes(value);
  if (!known) {
    report(
      `"${label}" with value "${value}" is not valid. It must be an ISO 639-1, 639-2 or 639-3 code (two/three letters), or a special value like "code", "multilingual". If you want to use BCP-47 identifiers, you can specify them in language_bcp47.`,
    );
  }
};

const isResult = isShape(
  {
    task: isShape({ type: isString }, { name: isString }),
    dataset: isShape(
      { type: isString, name: isString },
      { config: isString, split: isString, revision: isString, args: isAnything },
    ),
    metrics: isArrayOf(
      isShape(
        { type: isString, value: isAnything },
        { name: isString, config: isString, args: isAnything, verified: isBoolean, verifyToken: isString },
      ),
    ),
  },
  { source: isShape({ url: isString }, { name: isString }) },
);

/** A model card's metadata as the Hub checks it (hub-docs modelcard.md, and refusals that users reported). */
export const isCardData: Check = isShape(
  {},
  {
    license: isOneOrMany(isOneOf(LICENSES)),
    license_name: isString,
    license_link: isString,
    language: isOneOrMany(isLanguage),
    library_name: isString,
    pipeline_tag: isString,
    tags: isArrayOf(isString),
    base_model: isOneOrMany(isModelId),
    base_model_relation: isOneOf(BASE_MODEL_RELATIONS),
    datasets: isOneOrMany(isDatasetId),
    metrics: isOneOrMany(isString),
    new_version: isModelId,
    thumbnail: isEither((value) => value === null, isAnything, isString),
    widget: isArrayOf(isObject),
    inference: isEither(isRecord, isObject, isBoolean),
    co2_eq_emissions: isEither(isRecord, isShape({ emissions: isNumber }), isNumber),
    extra_gated_prompt: isString,
    extra_gated_fields: isObject,
    extra_gated_heading: isString,
    extra_gated_description: isString,
    extra_gated_button_content: isString,
    'model-index': isArrayOf(isShape({ name: isString, results: isArrayOf(isResult) })),
  },
);
