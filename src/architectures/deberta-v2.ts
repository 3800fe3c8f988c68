import { z } from 'zod';
import { addGlobalInputs, addPresent } from '../graph/attention.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { addLayerNorm, type Linear } from '../graph/layers.ts';
import type { Architecture, EncoderInputs, EncoderSource } from './architecture.ts';
import { bert } from './bert.ts';
import { addBertEmbeddings } from './bert-embeddings.ts';
import { type AttentionNames, listBertLayers, listBuffers, takeBertLayers } from './bert-layers.ts';
import { activation, parseKeys } from './config-keys.ts';
import { type DebertaConfig, readDebertaConfig } from './deberta-v2-config.ts';
import { addDisentangledAttention, type RelativePositions } from './disentangled-attention.ts';
import { addFrame, addPostNormLayers, attendGlobally, type Frame } from './post-norm.ts';
import { addDistances, addTableRows } from './relative-position.ts';
import { createTensorList, requireTensor, takeLinear } from './tensors.ts';

const NAMES: AttentionNames = {
  query: 'self.query_proj',
  key: 'self.key_proj',
  value: 'self.value_proj',
  output: 'output.dense',
  norm: 'output.LayerNorm',
};
const RELATIVE = 'encoder.rel_embeddings';
const RELATIVE_NORM = 'encoder.LayerNorm';
const PROJECTION = 'embeddings.embed_proj';
const atPosition = (layer: number, name: string) => `encoder.layer.${layer}.attention.self.${name}`;

const headSchema = z.looseObject({ pooler_hidden_act: activation.prefault('gelu') });

/**
 * DeBERTa versions 2 and 3, which differ in their settings only.
 *
 * @see https://arxiv.org/abs/2006.03654
 */
export const debertaV2: Architecture<DebertaConfig> = {
  title: 'DeBERTa',
  modelTypes: { 'deberta-v2': 'DebertaV2' },
  basePrefix: 'deberta',
  embedding: bert.embedding,
  otherHeads: [
    ...bert.otherHeads,
    'lm_predictions.lm_head.bias',
    'lm_predictions.lm_head.dense.weight',
    'lm_predictions.lm_head.dense.bias',
    'lm_predictions.lm_head.LayerNorm.weight',
    'lm_predictions.lm_head.LayerNorm.bias',
    'mask_predictions.dense.weight',
    'mask_predictions.dense.bias',
    'mask_predictions.LayerNorm.weight',
    'mask_predictions.LayerNorm.bias',
    'mask_predictions.classifier.weight',
    'mask_predictions.classifier.bias',
  ],
  readConfig: readDebertaConfig,
  listTensors(config) {
    const { hiddenSize: hidden, embeddingSize: width } = config;
    const list = createTensorList();
    list.table('embeddings.word_embeddings', config.vocabSize, width);
    if (config.addsPositions) list.table('embeddings.position_embeddings', config.positionRows, width);
    if (config.tokenTypes > 0) list.table('embeddings.token_type_embeddings', config.tokenTypes, width);
    if (width !== hidden) list.linear(PROJECTION, hidden, width, false);
    list.norm('embeddings.LayerNorm', hidden);
    listBertLayers(list, config, NAMES);
    if (config.span === undefined) return list.tensors;
    list.table(RELATIVE, 2 * config.span, hidden);
    if (config.normsRelative) list.norm(RELATIVE_NORM, hidden);
    for (let layer = 0; layer < config.layers && !config.sharesProjections; layer++) {
      if (config.contentToPosition) list.linear(atPosition(layer, 'pos_key_proj'), hidden, hidden);
      if (config.positionToContent) list.linear(atPosition(layer, 'pos_query_proj'), hidden, hidden);
    }
    return list.tensors;
  },
  listUnused: (config) =>
    // Checkpoints of the original code carry positions that their settings then leave out.
    config.addsPositions
      ? listBuffers(config.positionRows)
      : new Map([
          ...listBuffers(config.positionRows),
          ['embeddings.position_embeddings.weight', [config.positionRows, config.embeddingSize]],
        ]),
  addEncoder: addDeberta,
  readHead: (raw) => ({
    pooling: 'cls',
    steps: [
      { kind: 'linear', name: 'pooler.dense', bias: true },
      { kind: 'activation', activation: parseKeys(headSchema, raw).pooler_hidden_act },
    ],
    output: 'classifier',
  }),
};

function addDeberta(graph: Graph, source: EncoderSource<DebertaConfig>, inputs: EncoderInputs): Value {
  const { config, encoder } = source;
  const frame = addFrame(graph, inputs, config.hiddenSize);
  const embedded = addBertEmbeddings(graph, encoder, inputs.inputIds, frame.positions, {
    width: config.embeddingSize,
    epsilon: config.normEps,
    ...(config.embeddingSize === config.hiddenSize ? {} : { projection: takeLinear(encoder, PROJECTION) }),
  });
  const layers = takeBertLayers(encoder, config.layers, NAMES);
  const options = { activation: config.activation, epsilon: config.normEps };
  if (config.span === undefined) {
    const attend = attendGlobally(graph, config.heads, addGlobalInputs(graph, frame));
    return addPostNormLayers(graph, embedded, layers, frame, { ...options, attend });
  }
  const shared = addRelativePositions(graph, source, frame, config.span);
  return addPostNormLayers(graph, embedded, layers, frame, {
    ...options,
    attend(projections, layer, index) {
      const take = (kind: boolean, name: string, sharedLayer: Linear) => {
        if (!kind) return undefined;
        return config.sharesProjections ? sharedLayer : takeLinear(encoder, atPosition(index, name));
      };
      return addDisentangledAttention(graph, projections, shared, {
        heads: config.heads,
        hidden: config.hiddenSize,
        keys: take(config.contentToPosition, 'pos_key_proj', layer.key),
        queries: take(config.positionToContent, 'pos_query_proj', layer.query),
      });
    },
  });
}

function addRelativePositions(
  graph: Graph,
  { config, encoder }: EncoderSource<DebertaConfig>,
  frame: Frame,
  span: number,
): RelativePositions {
  const table = listBuckets(span, config.maxDistance, config.isLogarithmic);
  const distances = addDistances(graph, frame.positions);
  const reach = graph.op('Min', [graph.op('Abs', [distances]), graph.int64([table.length - 1], [])]);
  const bucket = graph.op('Mul', [addTableRows(graph, table, reach), graph.op('Sign', [distances])]);
  const raw = graph.weight(requireTensor(encoder, `${RELATIVE}.weight`));
  return {
    // Both ends are clamped: the outermost bucket ahead has no row of its own.
    index: graph.op('Clip', [
      graph.op('Add', [bucket, graph.int64([span], [])]),
      graph.int64([0], []),
      graph.int64([2 * span - 1], []),
    ]),
    embeddings: config.normsRelative
      ? addLayerNorm(graph, raw, takeLinear(encoder, RELATIVE_NORM), config.normEps)
      : raw,
    rows: 2 * span,
    present: addPresent(graph, frame.attentionMask),
    batch: frame.batch,
    length: frame.length,
  };
}

/**
 * The bucket of every distance from 0 to where buckets end: exact up to half of them, then logarithmic, in float32 as
 * PyTorch computes them.
 */
export function listBuckets(span: number, maxDistance: number, isLogarithmic: boolean): number[] {
  const middle = Math.floor(span / 2);
  const whole = Math.fround(Math.log(Math.fround((maxDistance - 1) / middle)));
  const buckets: number[] = [];
  for (let distance = 0; (buckets.at(-1) ?? 0) < span; distance++) {
    if (!isLogarithmic || distance <= middle) {
      buckets.push(distance);
      continue;
    }
    const ratio = Math.fround(Math.fround(Math.log(Math.fround(distance / middle))) / whole);
    buckets.push(Math.ceil(Math.fround(ratio * (middle - 1))) + middle);
  }
  return buckets;
}
