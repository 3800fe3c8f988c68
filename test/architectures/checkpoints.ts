import { findArchitecture } from '../../src/architectures/index.ts';
import type { JsonObject } from '../../src/formats/json.ts';
import { DTYPE_BYTES, type Dtype, type TensorEntry } from '../../src/formats/safetensors.ts';

/** Sizes that are small and all different, under the names that architectures have for them. */
export const SMALL: JsonObject = {
  vocab_size: 20,
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 12,
  max_position_embeddings: 16,
  dim: 8,
  n_layers: 2,
  n_heads: 2,
  hidden_dim: 12,
  embedding_size: 8,
};

export type Shapes = Map<string, { shape: readonly number[]; dtype?: Dtype }>;

/** The tensors of a plain wrapper: encoder under `encoder.`, head called `score`. */
export function plainTensors(raw: JsonObject, prefix = 'encoder.'): Shapes {
  const { architecture } = findArchitecture(raw);
  const shapes: Shapes = new Map();
  for (const [name, shape] of architecture.listTensors(architecture.readConfig(raw))) {
    shapes.set(prefix + name, { shape });
  }
  return shapes.set('score.weight', { shape: [1, 8] }).set('score.bias', { shape: [1] });
}

/** The tensors of `…ForSequenceClassification` with so many labels. */
export function stockTensors(raw: JsonObject, labels = 1): Shapes {
  const { architecture } = findArchitecture(raw);
  const shapes = plainTensors(raw, `${architecture.basePrefix}.`);
  shapes.delete('score.weight');
  shapes.delete('score.bias');
  const { steps, output } = architecture.readHead(raw, architecture.readConfig(raw));
  for (const step of steps) {
    if (step.kind === 'activation') continue;
    shapes.set(`${step.name}.weight`, { shape: step.kind === 'linear' ? [8, 8] : [8] });
    if (step.bias) shapes.set(`${step.name}.bias`, { shape: [8] });
  }
  return shapes.set(`${output}.weight`, { shape: [labels, 8] }).set(`${output}.bias`, { shape: [labels] });
}

export function toHeader(shapes: Shapes): { tensors: Map<string, TensorEntry> } {
  let offset = 1000;
  const tensors = new Map<string, TensorEntry>();
  for (const [name, { shape, dtype = 'F32' }] of shapes) {
    const byteLength = shape.reduce((product, dim) => product * dim, DTYPE_BYTES[dtype]);
    tensors.set(name, { name, dtype, shape, offset, byteLength });
    offset += byteLength;
  }
  return { tensors };
}
