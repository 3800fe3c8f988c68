import { HubwrightError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../formats/json.ts';
import type { Checkpoint } from './index.ts';

/**
 * A bundle is a model of one score a row: that is what is verified and what its card tells.
 *
 * @throws HubwrightError UNSUPPORTED for a head of more labels.
 */
export function requireOneLabel({ head }: Checkpoint): void {
  if (head.labels === 1) return;
  throw new HubwrightError(
    'UNSUPPORTED',
    `${head.weight.name} gives ${head.labels} scores a row; a bundle holds a model of one`,
    {
      hint: 'train with num_labels=1; hubwright export and hubwright score take models of several labels',
    },
  );
}

/** The labels that config.json names, in the order of the logits; undefined where it names none. */
export function readLabelNames({ id2label }: JsonObject): string[] | undefined {
  if (!isJsonObject(id2label)) return undefined;
  const ids = Object.keys(id2label).sort((a, b) => Number(a) - Number(b));
  return ids.length === 0 ? undefined : ids.map((id) => String(id2label[id]));
}
