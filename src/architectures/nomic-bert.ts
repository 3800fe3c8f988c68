import { z } from 'zod';
import { addGlobalAttention, addGlobalInputs } from '../graph/attention.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { addRotaryTable } from '../graph/layers.ts';
import type { Architecture, EncoderInputs, EncoderSource } from './architecture.ts';
import { type BertConfig, bert, bertKeys, toBertConfig } from './bert.ts';
import { addBertEmbeddings } from './bert-embeddings.ts';
import { listBuffers } from './bert-layers.ts';
import { activation, invalidConfig, parseKeys, size } from './config-keys.ts';
import { respellNomicBert } from './nomic-bert-names.ts';
import { addFrame, addPostNormLayers, type PostNormLayer } from './post-norm.ts';
import { createTensorList, takeLinear } from './tensors.ts';

interface NomicBertConfig extends BertConfig {
  readonly ropeTheta: number;
}

const theta = z.number().positive();
const schema = z.looseObject({
  ...bertKeys,
  vocab_size: size.default(30528),
  hidden_act: activation.prefault('silu'),
  max_position_embeddings: size.default(2048),
  head_dim: size.nullish(),
  rope_theta: theta.nullish(),
  rope_parameters: z
    .looseObject({ rope_type: z.literal('default').optional(), rope_theta: theta.optional() })
    .nullish(),
});

/**
 * NomicBERT as transformers 5 has it; its settings with GPT-2's names (`n_embd`, `n_head`) are of the original code.
 *
 * @see https://arxiv.org/abs/2402.01613
 */
export const nomicBert: Architecture<NomicBertConfig> = {
  title: 'NomicBERT',
  modelTypes: { nomic_bert: 'NomicBert' },
  basePrefix: 'nomic_bert',
  embedding: bert.embedding,
  otherHeads: bert.otherHeads,
  poolerDefault: false,
  needs: 'a transformers 5 that has NomicBERT',
  readConfig(raw) {
    if ('n_embd' in raw)
      throw invalidConfig('n_embd: settings of the original NomicBERT code are not supported');
    const keys = parseKeys(schema, raw);
    const { limitsLength: _, ...config } = toBertConfig(keys);
    const headSize = config.hiddenSize / config.heads;
    if ((keys.head_dim ?? headSize) !== headSize) {
      throw invalidConfig(`head_dim ${keys.head_dim}: only ${headSize} is supported`);
    }
    if (headSize % 2 !== 0) throw invalidConfig('the size of an attention head must be even');
    return { ...config, ropeTheta: keys.rope_parameters?.rope_theta ?? keys.rope_theta ?? 1000 };
  },
  listTensors({ vocabSize, hiddenSize: hidden, intermediateSize: inner, layers, tokenTypes }) {
    const list = createTensorList();
    list.table('embeddings.word_embeddings', vocabSize, hidden);
    list.table('embeddings.token_type_embeddings', tokenTypes, hidden);
    list.norm('embeddings.LayerNorm', hidden);
    for (let layer = 0; layer < layers; layer++) {
      const at = (name: string) => `layers.${layer}.${name}`;
      for (const name of ['q_proj', 'k_proj', 'v_proj', 'o_proj']) {
        list.linear(at(`self_attn.${name}`), hidden, hidden, false);
      }
      list.norm(at('post_attention_layernorm'), hidden);
      list.linear(at('mlp.gate_proj'), inner, hidden, false);
      list.linear(at('mlp.up_proj'), inner, hidden, false);
      list.linear(at('mlp.down_proj'), hidden, inner, false);
      list.norm(at('post_mlp_layernorm'), hidden);
    }
    return list.tensors;
  },
  listUnused: ({ hiddenSize, positionRows }) =>
    new Map([
      ...listBuffers(positionRows),
      ['pooler.dense.weight', [hiddenSize, hiddenSize]],
      ['pooler.dense.bias', [hiddenSize]],
    ]),
  respell: respellNomicBert,
  addEncoder: addNomicBert,
  readHead: () => ({
    pooling: 'cls',
    steps: [
      { kind: 'linear', name: 'nomic_bert.pooler.dense', bias: true },
      { kind: 'activation', activation: 'tanh' },
    ],
    output: 'classifier',
  }),
};

function addNomicBert(graph: Graph, source: EncoderSource<NomicBertConfig>, inputs: EncoderInputs): Value {
  const { config, encoder } = source;
  const frame = addFrame(graph, inputs, config.hiddenSize);
  const embedded = addBertEmbeddings(graph, encoder, inputs.inputIds, undefined, {
    width: config.hiddenSize,
    epsilon: config.normEps,
  });
  const layers = Array.from({ length: config.layers }, (_, layer): PostNormLayer => {
    const take = (name: string) => takeLinear(encoder, `layers.${layer}.${name}`);
    return {
      query: take('self_attn.q_proj'),
      key: take('self_attn.k_proj'),
      value: take('self_attn.v_proj'),
      output: take('self_attn.o_proj'),
      attentionNorm: take('post_attention_layernorm'),
      up: take('mlp.gate_proj'),
      gate: take('mlp.up_proj'),
      down: take('mlp.down_proj'),
      outputNorm: take('post_mlp_layernorm'),
    };
  });
  const { cos, sin } = addRotaryTable(
    graph,
    frame.positions,
    config.hiddenSize / config.heads,
    config.ropeTheta,
  );
  const positionIds = graph.op('Expand', [
    graph.op('Unsqueeze', [frame.positions, graph.int64([0])]),
    graph.op('Shape', [inputs.inputIds]),
  ]);
  const global = addGlobalInputs(graph, frame);
  const rotate = (value: Value) =>
    graph.declare(
      graph.op('RotaryEmbedding', [value, cos, sin, positionIds], {
        interleaved: { int: 0 },
        num_heads: { int: config.heads },
      }),
      'float32',
      ['batch', 'sequence', config.hiddenSize],
    );
  return addPostNormLayers(graph, embedded, layers, frame, {
    activation: config.activation,
    epsilon: config.normEps,
    attend: (qkv) => {
      const rotated = { ...qkv, query: rotate(qkv.query), key: rotate(qkv.key) };
      return addGlobalAttention(graph, rotated, config.heads, global);
    },
  });
}
