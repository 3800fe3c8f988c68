import { addActivation } from '../graph/activation.ts';
import {
  type AttentionInputs,
  addAttentionInputs,
  addGlobalAttention,
  addSlidingAttention,
} from '../graph/attention.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { addLayerNorm, addLinear, addRotaryTable, type Linear } from '../graph/layers.ts';
import type { Architecture, EncoderInputs, EncoderSource } from './architecture.ts';
import { type LayerType, type ModernBertConfig, readModernBertConfig } from './modernbert-config.ts';
import { readModernBertHead } from './modernbert-head.ts';
import { spellForBoth } from './modernbert-spelling.ts';
import { EMBEDDING_SUFFIX, listEncoderTensors } from './modernbert-tensors.ts';
import { requireTensor, takeLinear } from './tensors.ts';

/** @see https://arxiv.org/abs/2412.13663 */
export const modernBert: Architecture<ModernBertConfig> = {
  title: 'ModernBERT',
  modelTypes: { modernbert: 'ModernBert' },
  basePrefix: 'model',
  embedding: EMBEDDING_SUFFIX,
  otherHeads: [],
  readConfig: readModernBertConfig,
  listTensors: listEncoderTensors,
  listUnused: () => new Map(),
  spellForBoth,
  addEncoder: addModernBert,
  readHead: readModernBertHead,
};

/** Everything that is the same in every layer, computed once. */
interface Shared {
  readonly rowShape: Value;
  readonly positionIds: Value;
  readonly rotary: Readonly<Record<LayerType, { cos: Value; sin: Value }>>;
  readonly attention: AttentionInputs;
}

function addModernBert(graph: Graph, source: EncoderSource<ModernBertConfig>, inputs: EncoderInputs): Value {
  const { config } = source;
  const hidden = config.hiddenSize;
  const linear = (name: string): Linear => takeLinear(source.encoder, name);
  const norm = (x: Value, name: string) => addLayerNorm(graph, x, linear(name), config.normEps);

  const shared = addShared(graph, config, inputs);
  const tokenShape = graph.int64([-1, hidden]);
  const embedded = graph.lookUp(requireTensor(source.encoder, EMBEDDING_SUFFIX), inputs.inputIds);
  // Tokens stay a matrix [batch · length, hidden]: Gemm takes nothing else, and reshaping is free.
  let x = norm(graph.op('Reshape', [embedded, tokenShape]), 'embeddings.norm');

  for (const [layer, type] of config.layerTypes.entries()) {
    const at = (name: string) => `layers.${layer}.${name}`;
    const attended = addAttention(
      graph,
      layer === 0 ? x : norm(x, at('attn_norm')),
      linear(at('attn.Wqkv')),
      config.heads,
      type,
      shared,
    );
    x = graph.op('Add', [
      x,
      addLinear(graph, graph.op('Reshape', [attended, tokenShape]), linear(at('attn.Wo'))),
    ]);

    const normed = norm(x, at('mlp_norm'));
    const inner = config.intermediateSize;
    // The first half of Wi is activated, the second is the gate.
    const up = addLinear(graph, normed, linear(at('mlp.Wi')), [0, inner]);
    const activated = addActivation(graph, up, config.activation);
    const gate = addLinear(graph, normed, linear(at('mlp.Wi')), [inner, 2 * inner]);
    x = graph.op('Add', [x, addLinear(graph, graph.op('Mul', [activated, gate]), linear(at('mlp.Wo')))]);
  }
  return graph.op('Reshape', [norm(x, 'final_norm'), shared.rowShape]);
}

/** Rotary attention of one layer: x [batch · length, hidden] → [batch, length, hidden], before the output projection. */
function addAttention(
  graph: Graph,
  x: Value,
  qkv: Linear,
  heads: number,
  type: LayerType,
  shared: Shared,
): Value {
  const hidden = qkv.weight.shape[1] ?? 0;
  const project = (part: number) =>
    graph.op('Reshape', [addLinear(graph, x, qkv, [part * hidden, (part + 1) * hidden]), shared.rowShape]);
  const { cos, sin } = shared.rotary[type];
  const rotate = (value: Value) =>
    graph.op('RotaryEmbedding', [value, cos, sin, shared.positionIds], {
      interleaved: { int: 0 },
      num_heads: { int: heads },
    });
  // The branches of attention see no more of its inputs than is stated here.
  const state = (value: Value) => graph.declare(value, 'float32', ['batch', 'sequence', hidden]);
  const projections = {
    query: state(rotate(project(0))),
    key: state(rotate(project(1))),
    value: state(project(2)),
    hidden,
  };
  const addKind = type === 'full' ? addGlobalAttention : addSlidingAttention;
  return addKind(graph, projections, heads, shared.attention);
}

function addShared(
  graph: Graph,
  config: ModernBertConfig,
  { inputIds, attentionMask }: EncoderInputs,
): Shared {
  const inputShape = graph.op('Shape', [inputIds]);
  const length = graph.op('Squeeze', [graph.op('Slice', [inputShape, graph.int64([1]), graph.int64([2])])]);
  const positions = graph.op('Range', [graph.int64([0], []), length, graph.int64([1], [])]);
  const headDim = config.hiddenSize / config.heads;

  const batch = graph.op('Slice', [inputShape, graph.int64([0]), graph.int64([1])]);
  return {
    rowShape: graph.op('Concat', [inputShape, graph.int64([config.hiddenSize])], { axis: { int: 0 } }),
    positionIds: graph.op('Expand', [graph.op('Unsqueeze', [positions, graph.int64([0])]), inputShape]),
    rotary: {
      full: addRotaryTable(graph, positions, headDim, config.ropeTheta.full),
      sliding: addRotaryTable(graph, positions, headDim, config.ropeTheta.sliding),
    },
    attention: addAttentionInputs(
      graph,
      { attentionMask, positions, length, batch },
      config.radius,
      config.hiddenSize,
    ),
  };
}
