import { formatJson, type JsonObject, type JsonValue } from './json.ts';
import { redactText } from './private-text.ts';
import { namesSecret } from './secret-forms.ts';
import type { TrainingArgsReading } from './training-args.ts';

/**
 * The text of `training_args.json`: what may be public of the arguments, in file order. Left out are secrets
 * (set or not), private attributes (`_n_gpu`), folders above the last part of an absolute path, host names,
 * and what could not be read. The same file always gives the same text.
 */
export function toTrainingArgsJson(reading: TrainingArgsReading): string {
  return formatJson(publishObject(reading.arguments));
}

function publishObject(object: JsonObject): JsonObject {
  const entries = Object.entries(object).flatMap(([key, value]) => {
    if (key.startsWith('_') || namesSecret(key)) return [];
    const kept = publishValue(value);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return Object.fromEntries(entries);
}

function publishValue(value: JsonValue): JsonValue | undefined {
  if (typeof value === 'string') return value === '' ? value : redactText(value);
  if (Array.isArray(value)) {
    const items = value.map(publishValue);
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  return typeof value === 'object' && value !== null ? publishObject(value) : value;
}
