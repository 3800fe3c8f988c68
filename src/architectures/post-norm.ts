import type { Activation } from '../graph/activation.ts';
import { addActivation } from '../graph/activation.ts';
import {
  addGlobalAttention,
  type BatchShape,
  type GlobalInputs,
  type Projections,
} from '../graph/attention.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { addLayerNorm, addLinear, type Linear } from '../graph/layers.ts';
import type { EncoderInputs } from './architecture.ts';

/** One encoder layer as BERT has it: each half is added to its input and then normalised. */
export interface PostNormLayer {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly attentionNorm: Linear;
  readonly up: Linear;
  readonly down: Linear;
  /** Multiplied with what `up` gives after its activation; most have none. */
  readonly gate?: Linear;
  readonly outputNorm: Linear;
}

/** A batch as tokens [batch · length, hidden]: `Gemm` takes nothing else, and reshaping is free. */
export interface Frame extends BatchShape {
  readonly hidden: number;
  /** int64 [2]: −1, hidden. */
  readonly tokenShape: Value;
  /** int64 [3]: batch, length, hidden. */
  readonly rowShape: Value;
}

export function addFrame(graph: Graph, { inputIds, attentionMask }: EncoderInputs, hidden: number): Frame {
  const inputShape = graph.op('Shape', [inputIds]);
  const length = graph.op('Squeeze', [graph.op('Slice', [inputShape, graph.int64([1]), graph.int64([2])])]);
  return {
    attentionMask,
    hidden,
    length,
    batch: graph.op('Slice', [inputShape, graph.int64([0]), graph.int64([1])]),
    positions: graph.op('Range', [graph.int64([0], []), length, graph.int64([1], [])]),
    tokenShape: graph.int64([-1, hidden]),
    rowShape: graph.op('Concat', [inputShape, graph.int64([hidden])], { axis: { int: 0 } }),
  };
}

/** Attends by query, key and value, each [batch, length, hidden] of known shape. */
export type Attend = (projections: Projections, layer: PostNormLayer, index: number) => Value;

export interface PostNormOptions {
  readonly activation: Activation;
  readonly epsilon: number;
  readonly attend: Attend;
}

/** Attention of every token to every other, with nothing added to the scores. */
export function attendGlobally(graph: Graph, heads: number, inputs: GlobalInputs): Attend {
  return (projections) => addGlobalAttention(graph, projections, heads, inputs);
}

/** Runs layers one after the other: x [batch · length, hidden] → last hidden state [batch, length, hidden]. */
export function addPostNormLayers(
  graph: Graph,
  x: Value,
  layers: readonly PostNormLayer[],
  frame: Frame,
  { activation, epsilon, attend }: PostNormOptions,
): Value {
  let state = x;
  for (const [index, layer] of layers.entries()) {
    const project = (linear: Linear) =>
      graph.declare(graph.op('Reshape', [addLinear(graph, state, linear), frame.rowShape]), 'float32', [
        'batch',
        'sequence',
        frame.hidden,
      ]);
    const projections = {
      query: project(layer.query),
      key: project(layer.key),
      value: project(layer.value),
      hidden: frame.hidden,
    };
    const attended = graph.op('Reshape', [attend(projections, layer, index), frame.tokenShape]);
    state = addNormed(graph, state, addLinear(graph, attended, layer.output), layer.attentionNorm, epsilon);
    const up = addActivation(graph, addLinear(graph, state, layer.up), activation);
    const inner = layer.gate === undefined ? up : graph.op('Mul', [up, addLinear(graph, state, layer.gate)]);
    state = addNormed(graph, state, addLinear(graph, inner, layer.down), layer.outputNorm, epsilon);
  }
  return graph.op('Reshape', [state, frame.rowShape]);
}

function addNormed(graph: Graph, x: Value, change: Value, norm: Linear, epsilon: number): Value {
  return addLayerNorm(graph, graph.op('Add', [x, change]), norm, epsilon);
}
