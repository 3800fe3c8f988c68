import type { TensorEntry } from '../formats/safetensors.ts';

/** The original code's names, as transformers 5 writes them to files, and those of its own modules. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^emb_ln\./, 'embeddings.LayerNorm.'],
  [/^encoder\.layers\./, 'layers.'],
  [/\.attn\.out_proj\./, '.self_attn.o_proj.'],
  [/\.mlp\.fc11\./, '.mlp.up_proj.'],
  [/\.mlp\.fc12\./, '.mlp.gate_proj.'],
  [/\.mlp\.fc2\./, '.mlp.down_proj.'],
  [/\.norm1\./, '.post_attention_layernorm.'],
  [/\.norm2\./, '.post_mlp_layernorm.'],
];
const JOINED = /^(.*\.)attn\.Wqkv\.weight$/;

/**
 * The tensors of a file under the names of transformers' modules: one saved by `save_pretrained` has the original code's
 * names, with query, key and value one below the other in one tensor.
 */
export function respellNomicBert(
  tensors: ReadonlyMap<string, TensorEntry>,
  prefix: string,
): ReadonlyMap<string, TensorEntry> {
  const respelled = new Map<string, TensorEntry>();
  for (const [name, entry] of tensors) {
    const inner = name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
    if (inner === undefined) {
      respelled.set(name, entry);
      continue;
    }
    const known = NAMES.reduce((text, [from, to]) => text.replace(from, to), inner);
    const layer = JOINED.exec(known)?.[1];
    const parts = layer === undefined ? undefined : splitRows(entry);
    if (parts === undefined) respelled.set(prefix + known, { ...entry, name: prefix + known });
    else
      for (const [part, place] of Object.entries(parts)) {
        const partName = `${prefix}${layer}self_attn.${part}_proj.weight`;
        respelled.set(partName, { ...place, name: partName });
      }
  }
  return respelled;
}

/** Thirds of a tensor's rows, where they lie; undefined when it has no thirds. */
function splitRows(entry: TensorEntry): Readonly<Record<'q' | 'k' | 'v', TensorEntry>> | undefined {
  const [rows = 0, ...others] = entry.shape;
  if (rows % 3 !== 0) return undefined;
  const byteLength = entry.byteLength / 3;
  const third = (i: number) => ({
    ...entry,
    shape: [rows / 3, ...others],
    offset: entry.offset + i * byteLength,
    byteLength,
  });
  return { q: third(0), k: third(1), v: third(2) };
}
