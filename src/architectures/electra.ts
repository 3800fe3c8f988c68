import { z } from 'zod';
import { addGlobalInputs } from '../graph/attention.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { addLinear } from '../graph/layers.ts';
import type { Architecture, EncoderInputs, EncoderSource } from './architecture.ts';
import { type BertConfig, bert, bertKeys, toBertConfig } from './bert.ts';
import { addBertEmbeddings } from './bert-embeddings.ts';
import { listBertLayers, listBuffers, takeBertLayers } from './bert-layers.ts';
import { parseKeys, size } from './config-keys.ts';
import { addFrame, addPostNormLayers, attendGlobally } from './post-norm.ts';
import { createTensorList, takeLinear } from './tensors.ts';

interface ElectraConfig extends BertConfig {
  /** Width of the embeddings; where it is not the hidden size, a linear layer stands between. */
  readonly embeddingSize: number;
}

const schema = z.looseObject({
  ...bertKeys,
  embedding_size: size.default(128),
  hidden_size: size.default(256),
  num_attention_heads: size.default(4),
  intermediate_size: size.default(1024),
});

const PROJECTION = 'embeddings_project';

/** @see https://arxiv.org/abs/2003.10555 */
export const electra: Architecture<ElectraConfig> = {
  title: 'ELECTRA',
  modelTypes: { electra: 'Electra' },
  basePrefix: 'electra',
  embedding: bert.embedding,
  otherHeads: [
    'discriminator_predictions.dense.weight',
    'discriminator_predictions.dense.bias',
    'discriminator_predictions.dense_prediction.weight',
    'discriminator_predictions.dense_prediction.bias',
    'generator_predictions.LayerNorm.weight',
    'generator_predictions.LayerNorm.bias',
    'generator_predictions.dense.weight',
    'generator_predictions.dense.bias',
    'generator_lm_head.weight',
    'generator_lm_head.bias',
  ],
  readConfig(raw) {
    const keys = parseKeys(schema, raw);
    return { ...toBertConfig(keys), embeddingSize: keys.embedding_size };
  },
  listTensors(config) {
    const list = createTensorList();
    const width = config.embeddingSize;
    list.table('embeddings.word_embeddings', config.vocabSize, width);
    list.table('embeddings.position_embeddings', config.positionRows, width);
    list.table('embeddings.token_type_embeddings', config.tokenTypes, width);
    list.norm('embeddings.LayerNorm', width);
    if (width !== config.hiddenSize) list.linear(PROJECTION, config.hiddenSize, width);
    listBertLayers(list, config);
    return list.tensors;
  },
  listUnused: (config) => listBuffers(config.positionRows),
  addEncoder: addElectra,
  readHead: () => ({
    pooling: 'cls',
    steps: [
      { kind: 'linear', name: 'classifier.dense', bias: true },
      { kind: 'activation', activation: 'gelu' },
    ],
    output: 'classifier.out_proj',
  }),
};

function addElectra(graph: Graph, source: EncoderSource<ElectraConfig>, inputs: EncoderInputs): Value {
  const { config, encoder } = source;
  const frame = addFrame(graph, inputs, config.hiddenSize);
  const embedded = addBertEmbeddings(graph, encoder, inputs.inputIds, frame.positions, {
    width: config.embeddingSize,
    epsilon: config.normEps,
  });
  const projected =
    config.embeddingSize === config.hiddenSize
      ? embedded
      : addLinear(graph, embedded, takeLinear(encoder, PROJECTION));
  return addPostNormLayers(graph, projected, takeBertLayers(encoder, config.layers), frame, {
    activation: config.activation,
    epsilon: config.normEps,
    attend: attendGlobally(graph, config.heads, addGlobalInputs(graph, frame)),
  });
}
