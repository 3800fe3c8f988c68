import { z } from 'zod';
import { addBiased, addPresent } from '../graph/attention.ts';
import { HIDDEN_SCORE } from '../graph/decomposed-attention.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { Architecture, EncoderInputs, EncoderSource } from './architecture.ts';
import { type BertConfig, bert, bertKeys, toBertConfig } from './bert.ts';
import { addBertEmbeddings, addCountedPositions } from './bert-embeddings.ts';
import { type AttentionNames, listBertLayers, listBertUnused, takeBertLayers } from './bert-layers.ts';
import { parseKeys } from './config-keys.ts';
import { addFrame, addPostNormLayers, type Frame } from './post-norm.ts';
import { addDistances, addTableRows } from './relative-position.ts';
import { roberta } from './roberta.ts';
import { createTensorList, requireTensor } from './tensors.ts';

/** Fixed in transformers' code: keys of these names size tables and change nothing else. */
const PADDING = 1;
const BUCKETS = 32;
const MAX_DISTANCE = 128;

const schema = z.looseObject({
  ...bertKeys,
  vocab_size: bertKeys.vocab_size.removeDefault().default(30527),
  max_position_embeddings: bertKeys.max_position_embeddings
    .removeDefault()
    .min(PADDING + 2)
    .default(512),
  relative_attention_num_buckets: z
    .literal(BUCKETS, `only ${BUCKETS}: transformers computes ${BUCKETS} whatever the key says`)
    .default(BUCKETS),
});

const NAMES: AttentionNames = {
  query: 'attn.q',
  key: 'attn.k',
  value: 'attn.v',
  output: 'attn.o',
  norm: 'LayerNorm',
};
const BIAS = 'encoder.relative_attention_bias';

/** @see https://arxiv.org/abs/2004.09297 */
export const mpnet: Architecture<BertConfig> = {
  title: 'MPNet',
  modelTypes: { mpnet: 'MPNet' },
  basePrefix: 'mpnet',
  embedding: bert.embedding,
  poolerDefault: true,
  otherHeads: roberta.otherHeads,
  readConfig(raw) {
    const config = toBertConfig(parseKeys(schema, raw));
    return { ...config, maxPositions: config.positionRows - PADDING - 1 };
  },
  listTensors(config) {
    const list = createTensorList();
    list.table('embeddings.word_embeddings', config.vocabSize, config.hiddenSize);
    list.table('embeddings.position_embeddings', config.positionRows, config.hiddenSize);
    list.norm('embeddings.LayerNorm', config.hiddenSize);
    listBertLayers(list, config, NAMES);
    list.table(BIAS, BUCKETS, config.heads);
    return list.tensors;
  },
  listUnused: listBertUnused,
  addEncoder: addMpnet,
  readHead: (raw, config) => roberta.readHead(raw, { ...config, padding: PADDING }),
};

function addMpnet(graph: Graph, source: EncoderSource<BertConfig>, inputs: EncoderInputs): Value {
  const { config, encoder } = source;
  const frame = addFrame(graph, inputs, config.hiddenSize);
  const positions = addCountedPositions(graph, inputs.inputIds, PADDING);
  const embedded = addBertEmbeddings(graph, encoder, inputs.inputIds, positions, {
    width: config.hiddenSize,
    epsilon: config.normEps,
  });
  const bias = addBias(graph, source, frame);
  return addPostNormLayers(graph, embedded, takeBertLayers(encoder, config.layers, NAMES), frame, {
    activation: config.activation,
    epsilon: config.normEps,
    attend: (projections) => addBiased(graph, projections, config.heads, bias),
  });
}

/** float32 [batch, heads, length, length]: what each layer adds to its scores, padding hidden. */
function addBias(graph: Graph, { encoder }: EncoderSource<BertConfig>, frame: Frame): Value {
  // Behind the first bucket of "far", every distance has the same.
  const before = Array.from({ length: MAX_DISTANCE + 1 }, (_, distance) => findBucket(distance));
  const distances = addDistances(graph, frame.positions);
  const reach = graph.op('Min', [graph.op('Abs', [distances]), graph.int64([MAX_DISTANCE], [])]);
  const bucket = addTableRows(graph, before, reach);
  const isAhead = graph.op('Less', [distances, graph.int64([0], [])]);
  const side = graph.op('Mul', [
    graph.op('Cast', [isAhead], { to: { int: 7 } }),
    graph.int64([BUCKETS / 2], []),
  ]);
  const table = requireTensor(encoder, `${BIAS}.weight`);
  const values = graph.lookUp(table, graph.op('Add', [bucket, side]));
  const byHead = graph.op('Transpose', [values], { perm: { ints: [2, 0, 1] } });
  return graph.op('Where', [
    addPresent(graph, frame.attentionMask),
    graph.op('Unsqueeze', [byHead, graph.int64([0])]),
    graph.float32([HIDDEN_SCORE], []),
  ]);
}

/** T5's buckets, one side: exact up to a quarter, then logarithmic, in float32 as PyTorch computes them. */
export function findBucket(distance: number): number {
  const side = BUCKETS / 2;
  const exact = side / 2;
  if (distance < exact) return distance;
  const ratio = Math.fround(
    Math.fround(Math.log(distance / exact)) / Math.fround(Math.log(MAX_DISTANCE / exact)),
  );
  return Math.min(side - 1, exact + Math.trunc(Math.fround(ratio * (side - exact))));
}
