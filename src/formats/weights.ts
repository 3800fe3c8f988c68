import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HubwrightError } from '../errors.ts';
import { isInnerPath } from './inner-path.ts';
import { readJsonObject } from './json.ts';
import { readSafetensorsHeader, type SafetensorsHeader, type TensorEntry } from './safetensors.ts';

export const WEIGHTS_FILE = 'model.safetensors';
export const WEIGHTS_INDEX_FILE = 'model.safetensors.index.json';

/** More than any model has: at a few GB a shard, 1,000 shards are terabytes. */
const MAX_SHARDS = 1000;
const SHARD_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors$/;

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** The tensors of a checkpoint, in one file or in many. */
export interface Weights extends Pick<SafetensorsHeader, 'tensors'> {
  /** Names of the files that hold them, sorted. */
  readonly files: readonly string[];
}

/**
 * Reads the headers of a folder's weights: of `model.safetensors`, or of every shard that its index names. Tensors of
 * shards know their file.
 *
 * @throws HubwrightError INPUT_MISSING, or INPUT_INVALID naming the tensor whose shard is not the one in the index.
 */
export async function readWeights(dir: string): Promise<Weights> {
  const isThere = (name: string) =>
    stat(join(dir, name)).then(
      () => true,
      () => false,
    );
  if ((await isThere(WEIGHTS_FILE)) || !(await isThere(WEIGHTS_INDEX_FILE))) {
    const { tensors } = await readSafetensorsHeader(join(dir, WEIGHTS_FILE));
    return { tensors, files: [WEIGHTS_FILE] };
  }
  return readShards(dir);
}

async function readShards(dir: string): Promise<Weights> {
  const parsed = indexSchema.safeParse(await readJsonObject(join(dir, WEIGHTS_INDEX_FILE)));
  if (!parsed.success) throw invalid('weight_map does not map tensors to files');
  const map = new Map(Object.entries(parsed.data.weight_map));
  const files = [...new Set(map.values())].sort();
  const strange = files.find((name) => !SHARD_NAME.test(name) || !isInnerPath(name));
  if (strange !== undefined)
    throw invalid(`${JSON.stringify(strange)} is not the name of a shard beside the index`);
  if (files.length === 0) throw invalid('it names no shard');
  if (files.length > MAX_SHARDS)
    throw invalid(`it names ${files.length} shards; at most ${MAX_SHARDS} are read`);
  const tensors = new Map<string, TensorEntry>();
  for (const file of files) {
    const header = await readSafetensorsHeader(join(dir, file));
    for (const [name, entry] of header.tensors) {
      const home = map.get(name);
      if (home !== file) {
        const says = home === undefined ? 'does not name it' : `says that it is in ${home}`;
        throw invalid(`tensor ${name} is in ${file}, and the index ${says}`);
      }
      tensors.set(name, { ...entry, file });
    }
  }
  const [lost] = [...map].find(([name]) => !tensors.has(name)) ?? [];
  if (lost !== undefined) throw invalid(`tensor ${lost} is not in ${map.get(lost)}`);
  return { tensors, files };
}

function invalid(what: string): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `${WEIGHTS_INDEX_FILE}: ${what}`, {
    hint: 'save the weights again: model.save_pretrained(run_dir)',
  });
}
