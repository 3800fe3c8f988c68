import { LosslessNumber, parse, stringify } from 'lossless-json';
import { HubwrightError } from '../errors.ts';

/**
 * A JSON object whose numbers keep their spelling: Python writes 2.0 for a float and reads 2 as an integer, and
 * transformers 5 refuses an integer where its config expects a float. JavaScript's own numbers know no difference.
 */
export type SpelledObject = { [key: string]: unknown };

/** @param text strict JSON with an object at its top. @throws HubwrightError INPUT_INVALID for a key given twice. */
export function parseSpelledJson(text: string, name: string): SpelledObject {
  try {
    return parse(text.replace(/^\uFEFF/, '')) as SpelledObject;
  } catch (cause) {
    throw new HubwrightError('INPUT_INVALID', `${name}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

/** A number that Python shall read as a float. */
export function spellFloat(value: number): LosslessNumber {
  return new LosslessNumber(Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value));
}

/** Two-space JSON with a final newline. */
export function formatSpelledJson(value: SpelledObject): string {
  return `${stringify(value, null, 2)}\n`;
}
