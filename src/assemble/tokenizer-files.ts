import { isJsonObject, type JsonObject, type JsonValue } from '../formats/json.ts';
import type { SpelledObject } from '../formats/spelled-json.ts';

/** Special tokens that `special_tokens_map.json` lists, in the order in which transformers writes them. */
const SPECIAL_TOKENS = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
];

/** Class names that only the version which wrote them can read; the generic one loads everywhere. */
const UNPORTABLE = new Set(['TokenizersBackend', 'PreTrainedTokenizer']);

/** A `model_max_length` this large is transformers' way of saying "unknown". */
const UNKNOWN_LENGTH = 1e9;

/** The run's tokenizer settings, in a form that transformers 4 and 5 both read. */
export function portTokenizerConfig(raw: SpelledObject, maxLength: number): SpelledObject {
  const { backend: _, is_local: __, local_files_only: ___, ...kept } = raw;
  return {
    ...kept,
    tokenizer_class: UNPORTABLE.has(String(raw.tokenizer_class))
      ? 'PreTrainedTokenizerFast'
      : (raw.tokenizer_class ?? 'PreTrainedTokenizerFast'),
    model_max_length: isKnownLength(raw.model_max_length) ? raw.model_max_length : maxLength,
    // Without it, tokenizers add token_type_ids, which ModernBERT does not take.
    model_input_names: ['input_ids', 'attention_mask'],
  };
}

function isKnownLength(value: unknown): boolean {
  return value !== null && typeof value !== 'string' && Number(value) < UNKNOWN_LENGTH;
}

/** `special_tokens_map.json`, which transformers 5 no longer writes and other readers still look for. */
export function makeSpecialTokensMap(tokenizerConfig: JsonObject): JsonObject {
  const entries = SPECIAL_TOKENS.map((name) => [name, tokenText(tokenizerConfig[name])] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function tokenText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return isJsonObject(value) && typeof value.content === 'string' ? value.content : undefined;
}
