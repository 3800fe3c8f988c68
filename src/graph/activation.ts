import type { Graph, Value } from './graph.ts';

/** `gelu` is the exact one with erf; `gelu-tanh` the tanh approximation. */
export type Activation = 'gelu' | 'gelu-tanh' | 'relu' | 'silu' | 'tanh';

/** The names of transformers' `ACT2FN`, as far as they are among these. */
export const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_fast: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  relu: 'relu',
  silu: 'silu',
  swish: 'silu',
  tanh: 'tanh',
};

export function addActivation(graph: Graph, x: Value, activation: Activation): Value {
  if (activation === 'relu') return graph.op('Relu', [x]);
  if (activation === 'tanh') return graph.op('Tanh', [x]);
  if (activation === 'silu') return graph.op('Mul', [x, graph.op('Sigmoid', [x])]);
  return graph.op('Gelu', [x], { approximate: { string: activation === 'gelu' ? 'none' : 'tanh' } });
}
