import { basename } from 'node:path';
import { parse as findErrors, type ParseError } from 'jsonc-parser';
import { HubwrightError } from '../errors.ts';
import { readLimitedText } from './limited-file.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** Metrics and configs are kilobytes and tokenizers a few megabytes; a bigger file is not one of them. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;
/** A tokenizer nests some ten levels. */
const MAX_DEPTH = 100;

/**
 * Parses strict JSON. Python's `NaN` and `Infinity`, which `json.dump` writes without a word, are not JSON:
 * the Hub and every other reader refuse them.
 *
 * @throws HubwrightError INPUT_INVALID with the line and column of the first thing that is not JSON.
 */
export function parseJson(text: string, name: string): JsonValue {
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const value = parseStrictly(bare, name);
  checkDepth(value, name);
  return value;
}

function parseStrictly(text: string, name: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    const at = locate(text);
    const constant = /^(NaN|-?Infinity)\b/.exec(text.slice(at.offset, at.offset + 10))?.[1];
    const what = constant === undefined ? 'is not valid JSON' : `holds ${constant}, which is not JSON`;
    throw new HubwrightError('INPUT_INVALID', `${name}, line ${at.line}, column ${at.column}: ${what}`, {
      hint:
        constant === undefined
          ? `open ${name} and mend that line`
          : `a metric that could not be computed was written as ${constant}: compute it again, or write null`,
      cause,
    });
  }
}

/** JSON.parse takes any depth; what walks its result does not. */
function checkDepth(value: JsonValue, name: string): void {
  let level = [value].filter(isContainer);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) {
      throw new HubwrightError('INPUT_INVALID', `${name} nests more than ${MAX_DEPTH} lists and objects`);
    }
    level = level.flatMap((item) => Object.values(item).filter(isContainer));
  }
}

function isContainer(value: JsonValue): value is JsonValue[] | JsonObject {
  return typeof value === 'object' && value !== null;
}

/** `parseJson` for a file whose top level must be an object, as every JSON file of a model repository is. */
export function parseJsonObject(text: string, name: string): JsonObject {
  const value = parseJson(text, name);
  if (!isJsonObject(value)) {
    const found = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
    throw new HubwrightError('INPUT_INVALID', `${name} holds ${found}; an object { … } was expected`, {
      hint: `write ${name} again, as one JSON object`,
    });
  }
  return value;
}

/** Reads a strict JSON file. @throws HubwrightError INPUT_MISSING or INPUT_INVALID. */
export async function readJsonObject(path: string): Promise<JsonObject> {
  return parseJsonObject(await readJsonText(path), basename(path));
}

/** The text of a JSON file, not parsed. @throws HubwrightError INPUT_MISSING, or INPUT_INVALID for its size. */
export async function readJsonText(path: string): Promise<string> {
  return readLimitedText(path, MAX_JSON_BYTES);
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Two-space JSON with a final newline, as Python's `json.dump(indent=2)` and the Hub's own files have it. */
export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** V8's messages carry no offset for some errors, so a fault-tolerant parser finds the place. */
function locate(text: string): { line: number; column: number; offset: number } {
  const errors: ParseError[] = [];
  try {
    findErrors(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch {
    // It is recursive: text that nests deep enough ends it before the fault is found.
  }
  const offset = errors[0]?.offset ?? text.length;
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, offset };
}
