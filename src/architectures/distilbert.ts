import { z } from 'zod';
import type { Activation } from '../graph/activation.ts';
import { addGlobalInputs } from '../graph/attention.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { Architecture, EncoderConfig, EncoderInputs, EncoderSource } from './architecture.ts';
import { addBertEmbeddings } from './bert-embeddings.ts';
import { listBuffers } from './bert-layers.ts';
import { activation, checkHeads, layerCount, parseKeys, size } from './config-keys.ts';
import { addFrame, addPostNormLayers, attendGlobally, type PostNormLayer } from './post-norm.ts';
import { createTensorList, takeLinear } from './tensors.ts';

interface DistilBertConfig extends EncoderConfig {
  readonly innerSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly activation: Activation;
}

const schema = z.looseObject({
  vocab_size: size.default(30522),
  max_position_embeddings: size.default(512),
  n_layers: layerCount.default(6),
  n_heads: size.default(12),
  dim: size.default(768),
  hidden_dim: size.default(3072),
  activation: activation.prefault('gelu'),
});

/** Fixed in transformers' code; no key sets it. */
const NORM_EPS = 1e-12;

/** @see https://arxiv.org/abs/1910.01108 */
export const distilBert: Architecture<DistilBertConfig> = {
  title: 'DistilBERT',
  modelTypes: { distilbert: 'DistilBert' },
  basePrefix: 'distilbert',
  embedding: 'embeddings.word_embeddings.weight',
  takesNoPositions: true,
  otherHeads: [
    'vocab_transform.weight',
    'vocab_transform.bias',
    'vocab_layer_norm.weight',
    'vocab_layer_norm.bias',
    'vocab_projector.weight',
    'vocab_projector.bias',
  ],
  readConfig(raw) {
    const keys = parseKeys(schema, raw);
    checkHeads(keys.dim, keys.n_heads, ['dim', 'n_heads']);
    return {
      vocabSize: keys.vocab_size,
      hiddenSize: keys.dim,
      innerSize: keys.hidden_dim,
      layers: keys.n_layers,
      heads: keys.n_heads,
      activation: keys.activation,
      maxPositions: keys.max_position_embeddings,
      limitsLength: true,
    };
  },
  listTensors({ vocabSize, hiddenSize: hidden, innerSize, layers, maxPositions }) {
    const list = createTensorList();
    list.table('embeddings.word_embeddings', vocabSize, hidden);
    list.table('embeddings.position_embeddings', maxPositions, hidden);
    list.norm('embeddings.LayerNorm', hidden);
    for (let layer = 0; layer < layers; layer++) {
      const at = (name: string) => `transformer.layer.${layer}.${name}`;
      for (const name of ['q_lin', 'k_lin', 'v_lin', 'out_lin']) {
        list.linear(at(`attention.${name}`), hidden, hidden);
      }
      list.norm(at('sa_layer_norm'), hidden);
      list.linear(at('ffn.lin1'), innerSize, hidden);
      list.linear(at('ffn.lin2'), hidden, innerSize);
      list.norm(at('output_layer_norm'), hidden);
    }
    return list.tensors;
  },
  listUnused: ({ maxPositions }) => listBuffers(maxPositions),
  addEncoder: addDistilBert,
  readHead: () => ({
    pooling: 'cls',
    steps: [
      { kind: 'linear', name: 'pre_classifier', bias: true },
      { kind: 'activation', activation: 'relu' },
    ],
    output: 'classifier',
  }),
};

function addDistilBert(graph: Graph, source: EncoderSource<DistilBertConfig>, inputs: EncoderInputs): Value {
  const { config, encoder } = source;
  const frame = addFrame(graph, inputs, config.hiddenSize);
  const embedded = addBertEmbeddings(graph, encoder, inputs.inputIds, frame.positions, {
    width: config.hiddenSize,
    epsilon: NORM_EPS,
  });
  const layers = Array.from({ length: config.layers }, (_, layer): PostNormLayer => {
    const take = (name: string) => takeLinear(encoder, `transformer.layer.${layer}.${name}`);
    return {
      query: take('attention.q_lin'),
      key: take('attention.k_lin'),
      value: take('attention.v_lin'),
      output: take('attention.out_lin'),
      attentionNorm: take('sa_layer_norm'),
      up: take('ffn.lin1'),
      down: take('ffn.lin2'),
      outputNorm: take('output_layer_norm'),
    };
  });
  return addPostNormLayers(graph, embedded, layers, frame, {
    activation: config.activation,
    epsilon: NORM_EPS,
    attend: attendGlobally(graph, config.heads, addGlobalInputs(graph, frame)),
  });
}
