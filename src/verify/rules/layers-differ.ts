import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { TensorEntry } from '../../formats/safetensors.ts';
import { WEIGHTS_FILE } from '../../formats/weights.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** `encoder.layers.3.attn.Wqkv.weight`: the list, the layer's number, and the part. */
const LAYER_PART = /^(.*?)\.(\d+)\.(.+)$/;

export const layersDiffer: Rule = {
  code: 'layers-differ',
  title: 'no layer is a copy of another',
  group: 'weights',
  severity: 'warning',
  explanation:
    'No two layers of the encoder hold the same matrices, bit for bit. Training moves each layer its own way: two that are alike were copied by a conversion that lost count, or by a script that wrote over one of them.',
  fix: 'save the weights that training ended with: trainer.save_model(run_dir); if layers are shared by design, ignore this rule and say so',
  cheap: true,
  needs: ['safetensors-header', 'weights-alive'],
  async check({ dir, header }) {
    const findings: RuleFinding[] = [];
    for (const layers of listLayers((await header()).tensors).values()) {
      const seen = new Map<string, string>();
      for (const [name, matrices] of layers) {
        const [first] = matrices;
        if (first === undefined) continue;
        // One matrix of each layer is read; the others only where that one is another layer's too.
        const key = await digest(dir, first);
        const twin = seen.get(key);
        if (twin === undefined) seen.set(key, name);
        else if (await isCopy(dir, layers.get(twin) ?? [], matrices))
          findings.push({
            path: first.file ?? WEIGHTS_FILE,
            message: `${name} holds the very matrices of ${twin}`,
          });
      }
    }
    return { findings };
  },
};

/** By list and by layer, the matrices in the order of their names; vectors may well be alike. */
function listLayers(tensors: ReadonlyMap<string, TensorEntry>): Map<string, Map<string, TensorEntry[]>> {
  const lists = new Map<string, Map<string, TensorEntry[]>>();
  for (const [name, entry] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [, list, number] = LAYER_PART.exec(name) ?? [];
    if (list === undefined || entry.shape.length < 2) continue;
    const layers = lists.get(list) ?? new Map<string, TensorEntry[]>();
    const layer = `${list}.${number}`;
    layers.set(layer, [...(layers.get(layer) ?? []), entry]);
    lists.set(list, layers);
  }
  return lists;
}

async function isCopy(
  dir: string,
  one: readonly TensorEntry[],
  other: readonly TensorEntry[],
): Promise<boolean> {
  if (one.length !== other.length) return false;
  for (const [i, entry] of one.entries()) {
    const twin = other[i];
    if (twin === undefined || (await digest(dir, entry)) !== (await digest(dir, twin))) return false;
  }
  return true;
}

async function digest(dir: string, { file = WEIGHTS_FILE, shape, offset, byteLength }: TensorEntry) {
  const hash = createHash('sha256').update(shape.join());
  if (byteLength > 0) {
    const range = { start: offset, end: offset + byteLength - 1, highWaterMark: 1 << 20 };
    for await (const chunk of createReadStream(join(dir, file), range)) hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
