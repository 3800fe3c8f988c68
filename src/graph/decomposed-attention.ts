import type { Projections } from './attention.ts';
import type { Graph, Value } from './graph.ts';

/** What keeps a softmax from seeing a score: float32's lowest, finite so that a row without keys is no NaN. */
export const HIDDEN_SCORE = -3.4028234663852886e38;

/** What is done to scores before softmax: keys hidden by a bool mask, or a float bias added. Both broadcast. */
export type ScoreChange = { readonly visible: Value } | { readonly bias: Value };

/**
 * Attention in operators that every execution provider has and that need no kernel of their own: softmax(q·kᵀ·scale)·v,
 * head by head. It keeps a matrix [batch, heads, queries, keys] of scores, which the fused operators do not.
 *
 * @returns [batch, queries, hidden]
 */
export function addDecomposedAttention(
  graph: Graph,
  { query, key, value, hidden }: Projections,
  heads: number,
  change: ScoreChange,
  scale: number,
): Value {
  const byHead = (x: Value, perm: readonly number[]) =>
    graph.op('Transpose', [graph.op('Reshape', [x, graph.int64([0, 0, heads, hidden / heads])])], {
      perm: { ints: perm },
    });
  const products = graph.op('MatMul', [
    graph.op('Mul', [byHead(query, [0, 2, 1, 3]), graph.float32([scale], [])]),
    byHead(key, [0, 2, 3, 1]),
  ]);
  const scores =
    'bias' in change
      ? graph.op('Add', [products, change.bias])
      : graph.op('Where', [change.visible, products, graph.float32([HIDDEN_SCORE], [])]);
  const weights = graph.op('Softmax', [scores], { axis: { int: -1 } });
  const attended = graph.op('MatMul', [weights, byHead(value, [0, 2, 1, 3])]);
  return graph.op('Reshape', [
    graph.op('Transpose', [attended], { perm: { ints: [0, 2, 1, 3] } }),
    graph.int64([0, 0, hidden]),
  ]);
}
