import type { TensorEntry } from '../formats/safetensors.ts';
import type { Graph, Value } from './graph.ts';

/** A linear layer's tensors: weight [out, in], bias [out]. `rows` takes some of the outputs. */
export interface Linear {
  readonly weight: TensorEntry;
  readonly bias?: TensorEntry | undefined;
}

/** x·Wᵀ + b for x [n, in]. `transB` reads the weight as PyTorch stored it, so that it can stay in the file. */
export function addLinear(graph: Graph, x: Value, linear: Linear, rows?: readonly [number, number]): Value {
  const inputs = [x, graph.weight(linear.weight, rows)];
  if (linear.bias !== undefined) inputs.push(graph.weight(linear.bias, rows));
  return graph.op('Gemm', inputs, { transB: { int: 1 } });
}

/** LayerNorm over the last axis, with or without a bias. */
export function addLayerNorm(
  graph: Graph,
  x: Value,
  norm: { weight: TensorEntry; bias?: TensorEntry | undefined },
  epsilon: number,
): Value {
  const inputs = [x, graph.weight(norm.weight)];
  if (norm.bias !== undefined) inputs.push(graph.weight(norm.bias));
  return graph.op('LayerNormalization', inputs, { axis: { int: -1 }, epsilon: { float: epsilon } });
}

/**
 * Cosines and sines of rotary position embeddings, each [length, dim / 2]: cos(position · θ^(−2i/dim)).
 * The frequencies are rounded to float32 at the steps at which PyTorch rounds them.
 *
 * @see https://arxiv.org/abs/2104.09864 section 3.4.2
 */
export function addRotaryTable(
  graph: Graph,
  positions: Value,
  dim: number,
  theta: number,
): { cos: Value; sin: Value } {
  const frequencies = Array.from({ length: dim / 2 }, (_, i) =>
    Math.fround(1 / Math.fround(theta ** Math.fround((2 * i) / dim))),
  );
  const angles = graph.op('Mul', [
    graph.op('Unsqueeze', [graph.op('Cast', [positions], { to: { int: 1 } }), graph.int64([1])]),
    graph.float32(frequencies, [1, dim / 2]),
  ]);
  return { cos: graph.op('Cos', [angles]), sin: graph.op('Sin', [angles]) };
}
