import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { HubwrightError } from '../errors.ts';
import { readJsonObject } from '../formats/json.ts';

export interface Encoding {
  readonly ids: readonly number[];
  /** True when tokens were cut off at the maximum length. */
  readonly truncated: boolean;
}

export interface TextEncoder {
  /** Token ids of one text, special tokens included, at most `maxLength` of them. */
  encode(text: string, maxLength: number): Encoding;
  readonly padId: number;
}

/**
 * Loads a bundle's tokenizer. Truncation is done here, as Python's tokenizers do it: the text is cut, and the special
 * tokens around it stay. The JavaScript library knows no truncation.
 *
 * @throws HubwrightError INPUT_MISSING or INPUT_INVALID
 */
export async function loadTokenizer(dir: string): Promise<TextEncoder> {
  const json = await readJsonObject(join(dir, 'tokenizer.json'));
  const config = await readJsonObject(join(dir, 'tokenizer_config.json'));
  const tokenizer = createTokenizer(json, config);
  const { before, after } = findSpecialTokens(tokenizer);
  const special = before.length + after.length;
  const padToken = typeof config.pad_token === 'string' ? config.pad_token : '[PAD]';
  return {
    padId: tokenizer.token_to_id(padToken) ?? 0,
    encode(text, maxLength) {
      const ids: number[] = tokenizer.encode(text, { add_special_tokens: false }).ids;
      const room = Math.max(0, maxLength - special);
      return { ids: [...before, ...ids.slice(0, room), ...after], truncated: ids.length > room };
    },
  };
}

function createTokenizer(json: object, config: object): Tokenizer {
  try {
    return new Tokenizer(json, config);
  } catch (cause) {
    throw new HubwrightError('INPUT_INVALID', `tokenizer.json cannot be loaded: ${String(cause)}`, {
      hint: 'save it again in Python: AutoTokenizer.from_pretrained(...).save_pretrained(...)',
      cause,
    });
  }
}

/** What the tokenizer puts before and behind a text, read off a text that is one token of its own. */
function findSpecialTokens(tokenizer: Tokenizer): { before: number[]; after: number[] } {
  const bare: number[] = tokenizer.encode('a', { add_special_tokens: false }).ids;
  const full: number[] = tokenizer.encode('a').ids;
  const at = full.findIndex((_, start) => bare.every((id, i) => full[start + i] === id));
  if (bare.length === 0 || at < 0) {
    throw new HubwrightError('INPUT_INVALID', 'tokenizer.json changes a text when it adds special tokens');
  }
  return { before: full.slice(0, at), after: full.slice(at + bare.length) };
}
