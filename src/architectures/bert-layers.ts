import type { TensorEntry } from '../formats/safetensors.ts';
import type { TensorShapes } from './architecture.ts';
import type { PostNormLayer } from './post-norm.ts';
import { type createTensorList, takeLinear } from './tensors.ts';

interface LayerSizes {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
}

/** What a relative of BERT calls the four linear layers of attention, below `encoder.layer.0.attention.`. */
export interface AttentionNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly output: string;
  readonly norm: string;
}

const BERT_NAMES: AttentionNames = {
  query: 'self.query',
  key: 'self.key',
  value: 'self.value',
  output: 'output.dense',
  norm: 'output.LayerNorm',
};

/** The tensors below `encoder.layer.`. */
export function listBertLayers(
  list: ReturnType<typeof createTensorList>,
  { hiddenSize: hidden, intermediateSize: inner, layers }: LayerSizes,
  names = BERT_NAMES,
): void {
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string) => `encoder.layer.${layer}.${name}`;
    for (const name of [names.query, names.key, names.value, names.output]) {
      list.linear(at(`attention.${name}`), hidden, hidden);
    }
    list.norm(at(`attention.${names.norm}`), hidden);
    list.linear(at('intermediate.dense'), inner, hidden);
    list.linear(at('output.dense'), hidden, inner);
    list.norm(at('output.LayerNorm'), hidden);
  }
}

export function takeBertLayers(
  tensors: ReadonlyMap<string, TensorEntry>,
  layers: number,
  names = BERT_NAMES,
): PostNormLayer[] {
  return Array.from({ length: layers }, (_, layer) => {
    const take = (name: string) => takeLinear(tensors, `encoder.layer.${layer}.${name}`);
    return {
      query: take(`attention.${names.query}`),
      key: take(`attention.${names.key}`),
      value: take(`attention.${names.value}`),
      output: take(`attention.${names.output}`),
      attentionNorm: take(`attention.${names.norm}`),
      up: take('intermediate.dense'),
      down: take('output.dense'),
      outputNorm: take('output.LayerNorm'),
    };
  });
}

/** Buffers that older transformers saved, and the pooler, which stands behind the hidden states. */
export function listBertUnused(config: {
  readonly hiddenSize: number;
  readonly positionRows: number;
}): TensorShapes {
  return new Map([...listBuffers(config.positionRows), ...listPooler(config.hiddenSize)]);
}

export function listBuffers(positionRows: number): TensorShapes {
  return new Map([
    ['embeddings.position_ids', [1, positionRows]],
    ['embeddings.token_type_ids', [1, positionRows]],
  ]);
}

export function listPooler(hidden: number): TensorShapes {
  return new Map([
    ['pooler.dense.weight', [hidden, hidden]],
    ['pooler.dense.bias', [hidden]],
  ]);
}
