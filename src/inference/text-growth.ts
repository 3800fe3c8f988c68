import { isJsonObject, type JsonObject, type JsonValue } from '../formats/json.ts';

/**
 * How many times as long the replacements of a tokenizer may make a text at most: those of known tokenizers put one or a
 * few characters for one; sixty that each put two make 2^60 of one.
 */
export function estimateGrowth({ normalizer, pre_tokenizer: pre }: JsonObject): number {
  return growthOf(normalizer) * growthOf(pre);
}

function growthOf(step: JsonValue | undefined): number {
  if (!isJsonObject(step)) return 1;
  const steps = [step.normalizers, step.pretokenizers].flatMap((list) => (Array.isArray(list) ? list : []));
  return steps.map(growthOf).reduce((product, growth) => product * growth, growthOfReplace(step));
}

function growthOfReplace({ type, pattern, content }: JsonObject): number {
  if (type !== 'Replace' || typeof content !== 'string') return 1;
  const literal = isJsonObject(pattern) ? pattern.String : undefined;
  // An expression may match a single character, or stand between two.
  if (typeof literal !== 'string') return Math.max(1, content.length + 1);
  return Math.max(1, content.length / Math.max(1, literal.length));
}
