import type { Checkpoint } from '../checkpoint/index.ts';
import type { LayerType } from '../checkpoint/modernbert-config.ts';
import { HubwrightError } from '../errors.ts';
import type { TensorEntry } from '../formats/safetensors.ts';
import {
  type AttentionInputs,
  addAttentionInputs,
  addGlobalAttention,
  addSlidingAttention,
} from './attention.ts';
import type { Graph, Value } from './graph.ts';
import { addLayerNorm, addLinear, addRotaryTable, type Linear } from './layers.ts';

/** Everything that is the same in every layer, computed once. */
interface Shared {
  readonly rowShape: Value;
  readonly positionIds: Value;
  readonly rotary: Readonly<Record<LayerType, { cos: Value; sin: Value }>>;
  readonly attention: AttentionInputs;
}

/**
 * Adds a ModernBERT encoder: `inputIds` and `attentionMask` int64 [batch, length] → last hidden state
 * [batch, length, hidden].
 *
 * @see https://arxiv.org/abs/2412.13663
 */
export function addModernBert(
  graph: Graph,
  checkpoint: Checkpoint,
  inputIds: Value,
  attentionMask: Value,
): Value {
  const { config } = checkpoint;
  const hidden = config.hiddenSize;
  const tensor = (name: string) => requireTensor(checkpoint, name);
  const linear = (name: string): Linear => ({
    weight: tensor(`${name}.weight`),
    bias: checkpoint.encoder.get(`${name}.bias`),
  });
  const norm = (x: Value, name: string) => addLayerNorm(graph, x, linear(name), config.normEps);

  const shared = addShared(graph, checkpoint, inputIds, attentionMask);
  const tokenShape = graph.int64([-1, hidden]);
  const embedded = graph.op('Gather', [graph.weight(tensor('embeddings.tok_embeddings.weight')), inputIds]);
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
    const activated = graph.op('Gelu', [addLinear(graph, normed, linear(at('mlp.Wi')), [0, inner])], {
      approximate: { string: config.activation === 'gelu' ? 'none' : 'tanh' },
    });
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
  };
  const addKind = type === 'full' ? addGlobalAttention : addSlidingAttention;
  return addKind(graph, projections, heads, shared.attention);
}

function addShared(graph: Graph, checkpoint: Checkpoint, inputIds: Value, attentionMask: Value): Shared {
  const { config } = checkpoint;
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

function requireTensor(checkpoint: Checkpoint, name: string): TensorEntry {
  const entry = checkpoint.encoder.get(name);
  if (entry === undefined)
    throw new HubwrightError('INPUT_INVALID', `tensor ${checkpoint.prefix}${name} is missing`);
  return entry;
}
