import { isJsonObject, type JsonObject } from '../formats/json.ts';

/** Tokens of the vocabulary and those added to it, with their ids. */
export function listTokenIds(tokenizer: JsonObject): Map<string, number> {
  const ids = new Map<string, number>();
  const vocab = isJsonObject(tokenizer.model) ? tokenizer.model.vocab : undefined;
  if (isJsonObject(vocab)) {
    for (const [token, id] of Object.entries(vocab)) if (typeof id === 'number') ids.set(token, id);
  }
  if (Array.isArray(vocab)) {
    for (const [id, entry] of vocab.entries()) if (Array.isArray(entry)) ids.set(String(entry[0]), id);
  }
  for (const added of Array.isArray(tokenizer.added_tokens) ? tokenizer.added_tokens : []) {
    if (isJsonObject(added) && typeof added.id === 'number') ids.set(String(added.content), added.id);
  }
  return ids;
}
