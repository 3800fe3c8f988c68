import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { HubwrightError } from '../errors.ts';
import { isJsonObject, type JsonObject, readJsonObject } from '../formats/json.ts';
import { runWithin } from './deadline.ts';
import { estimateGrowth } from './text-growth.ts';

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

/** A text of a megabyte takes about one second; what takes longer than this never ends. */
const MAX_SECONDS = 20;
/** Real tokenizers replace a character by some few. */
const MAX_GROWTH = 10_000;

/**
 * Loads a bundle's tokenizer. Truncation is done here, as Python's tokenizers do it: the text is cut, and the special
 * tokens around it stay. The JavaScript library knows no truncation.
 *
 * @throws HubwrightError INPUT_MISSING or INPUT_INVALID
 */
export async function loadTokenizer(dir: string): Promise<TextEncoder> {
  const json = await readJsonObject(join(dir, 'tokenizer.json'));
  const config = await readJsonObject(join(dir, 'tokenizer_config.json'));
  checkTokenizer(json);
  const tokenizer = attempt(() => new Tokenizer(json, config));
  const { before, after } = attempt(() => findSpecialTokens(tokenizer));
  const special = before.length + after.length;
  const cutLeft = truncatesLeft(json, config);
  const padToken = typeof config.pad_token === 'string' ? config.pad_token : '[PAD]';
  return {
    padId: tokenizer.token_to_id(padToken) ?? 0,
    encode(text, maxLength) {
      const { ids } = attempt(() => tokenizer.encode(text, { add_special_tokens: false }));
      const surplus = Math.max(0, ids.length - Math.max(0, maxLength - special));
      const kept = cutLeft ? ids.slice(surplus) : ids.slice(0, ids.length - surplus);
      return { ids: [...before, ...kept, ...after], truncated: surplus > 0 };
    },
  };
}

/** What the library would only find out by crashing, or by taking all memory. */
function checkTokenizer(json: JsonObject): void {
  if (!isJsonObject(json.model)) throw unusable('it has no model');
  const growth = estimateGrowth(json);
  if (growth > MAX_GROWTH)
    throw unusable(`its replacements may make a text ${growth.toExponential(0)} times as long`);
}

/** The library checks little of what it reads: a broken file shows as a TypeError, here or at the first text. */
function attempt<T>(work: () => T): T {
  try {
    const done = runWithin(MAX_SECONDS * 1000, work);
    if (done !== undefined) return done.value;
  } catch (cause) {
    if (cause instanceof HubwrightError) throw cause;
    // The engine's words about the library's own variables help nobody.
    const said = cause instanceof TypeError ? 'it is not as tokenizers writes it' : String(cause);
    throw unusable(said, cause);
  }
  throw unusable(
    `a text takes it more than ${MAX_SECONDS} seconds, as with an expression that backtracks without end`,
  );
}

function unusable(why: string, cause?: unknown): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `tokenizer.json cannot be used: ${why}`, {
    hint: 'save it again in Python: AutoTokenizer.from_pretrained(...).save_pretrained(...)',
    cause,
  });
}

/** Which end is cut off: as the settings say, or else as the tokenizer was last used. */
function truncatesLeft({ truncation }: JsonObject, { truncation_side: side }: JsonObject): boolean {
  if (typeof side === 'string') return side === 'left';
  return isJsonObject(truncation) && truncation.direction === 'Left';
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
