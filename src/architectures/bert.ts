import { z } from 'zod';
import type { Activation } from '../graph/activation.ts';
import { addGlobalInputs } from '../graph/attention.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { Architecture, EncoderConfig, EncoderInputs, EncoderSource, StockHead } from './architecture.ts';
import { addBertEmbeddings } from './bert-embeddings.ts';
import { listBertLayers, listBertUnused, takeBertLayers } from './bert-layers.ts';
import { activation, checkHeads, encoderOnly, epsilon, layerCount, parseKeys, size } from './config-keys.ts';
import { addFrame, addPostNormLayers, attendGlobally } from './post-norm.ts';
import { createTensorList } from './tensors.ts';

/** What BERT and its nearest relatives are made of. */
export interface BertConfig extends EncoderConfig {
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly activation: Activation;
  readonly normEps: number;
  /** Rows of the table of positions; `maxPositions` where positions count from zero. */
  readonly positionRows: number;
  /** Rows of the table of token types; only the first is used. */
  readonly tokenTypes: number;
}

/** Keys and defaults of transformers' BertConfig; RoBERTa's and ELECTRA's are a superset. */
export const bertKeys = {
  vocab_size: size.default(30522),
  hidden_size: size.default(768),
  num_hidden_layers: layerCount.default(12),
  num_attention_heads: size.default(12),
  intermediate_size: size.default(3072),
  hidden_act: activation.prefault('gelu'),
  max_position_embeddings: size.default(512),
  type_vocab_size: size.default(2),
  layer_norm_eps: epsilon.default(1e-12),
  ...encoderOnly,
};

const bertSchema = z.looseObject(bertKeys);

export function toBertConfig(keys: z.output<typeof bertSchema>): BertConfig {
  checkHeads(keys.hidden_size, keys.num_attention_heads, ['hidden_size', 'num_attention_heads']);
  return {
    vocabSize: keys.vocab_size,
    hiddenSize: keys.hidden_size,
    intermediateSize: keys.intermediate_size,
    layers: keys.num_hidden_layers,
    heads: keys.num_attention_heads,
    activation: keys.hidden_act,
    normEps: keys.layer_norm_eps,
    maxPositions: keys.max_position_embeddings,
    limitsLength: true,
    positionRows: keys.max_position_embeddings,
    tokenTypes: keys.type_vocab_size,
  };
}

/** @see https://arxiv.org/abs/1810.04805 */
export const bert: Architecture<BertConfig> = {
  title: 'BERT',
  modelTypes: { bert: 'Bert' },
  basePrefix: 'bert',
  embedding: 'embeddings.word_embeddings.weight',
  poolerDefault: true,
  otherHeads: [
    'cls.predictions.bias',
    'cls.predictions.transform.dense.weight',
    'cls.predictions.transform.dense.bias',
    'cls.predictions.transform.LayerNorm.weight',
    'cls.predictions.transform.LayerNorm.bias',
    'cls.predictions.decoder.weight',
    'cls.predictions.decoder.bias',
    'cls.seq_relationship.weight',
    'cls.seq_relationship.bias',
  ],
  readConfig: (raw) => toBertConfig(parseKeys(bertSchema, raw)),
  listTensors(config) {
    const list = createTensorList();
    list.table('embeddings.word_embeddings', config.vocabSize, config.hiddenSize);
    list.table('embeddings.position_embeddings', config.positionRows, config.hiddenSize);
    list.table('embeddings.token_type_embeddings', config.tokenTypes, config.hiddenSize);
    list.norm('embeddings.LayerNorm', config.hiddenSize);
    listBertLayers(list, config);
    return list.tensors;
  },
  listUnused: listBertUnused,
  addEncoder: addBert,
  readHead: (): StockHead => ({
    pooling: 'cls',
    steps: [
      { kind: 'linear', name: 'bert.pooler.dense', bias: true },
      { kind: 'activation', activation: 'tanh' },
    ],
    output: 'classifier',
  }),
};

function addBert(graph: Graph, source: EncoderSource<BertConfig>, inputs: EncoderInputs): Value {
  const frame = addFrame(graph, inputs, source.config.hiddenSize);
  return addBertEncoder(graph, source, inputs, frame, frame.positions);
}

/** BERT's embeddings and layers over given position ids, which is all in which its kin differ from it. */
export function addBertEncoder(
  graph: Graph,
  { config, encoder }: EncoderSource<BertConfig>,
  { inputIds }: EncoderInputs,
  frame: ReturnType<typeof addFrame>,
  positions: Value,
): Value {
  const embedded = addBertEmbeddings(graph, encoder, inputIds, positions, {
    width: config.hiddenSize,
    epsilon: config.normEps,
  });
  return addPostNormLayers(graph, embedded, takeBertLayers(encoder, config.layers), frame, {
    activation: config.activation,
    epsilon: config.normEps,
    attend: attendGlobally(graph, config.heads, addGlobalInputs(graph, frame)),
  });
}
