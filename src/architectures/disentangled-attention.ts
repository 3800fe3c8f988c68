import { addBiased, type Projections } from '../graph/attention.ts';
import { HIDDEN_SCORE } from '../graph/decomposed-attention.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { addLinear, type Linear } from '../graph/layers.ts';

/** What all layers share. */
export interface RelativePositions {
  /** int64 [length, length]: for a query and a key, the row of `embeddings` that stands for their distance. */
  readonly index: Value;
  /** float32 [rows, hidden] */
  readonly embeddings: Value;
  readonly rows: number;
  /** bool [batch, 1, 1, length]: which keys are tokens. */
  readonly present: Value;
  readonly batch: Value;
  readonly length: Value;
}

export interface Disentangled {
  readonly heads: number;
  readonly hidden: number;
  /** What makes keys of relative positions, for queries of the content; undefined where these do not meet. */
  readonly keys: Linear | undefined;
  /** What makes queries of relative positions, for keys of the content. */
  readonly queries: Linear | undefined;
}

/**
 * Attention whose scores are a sum: content to content, content to position, position to content.
 *
 * @see https://arxiv.org/abs/2006.03654 equation 4
 */
export function addDisentangledAttention(
  graph: Graph,
  projections: Projections,
  positions: RelativePositions,
  { heads, hidden, keys, queries }: Disentangled,
): Value {
  const headSize = hidden / heads;
  const terms = 1 + (keys === undefined ? 0 : 1) + (queries === undefined ? 0 : 1);
  const scale = 1 / Math.sqrt(headSize * terms);
  const byHead = (x: Value, perm: readonly number[], batch: readonly number[]) =>
    graph.op('Transpose', [graph.op('Reshape', [x, graph.int64([...batch, heads, headSize])])], {
      perm: { ints: perm },
    });
  const length = graph.op('Unsqueeze', [positions.length, graph.int64([0])]);
  const shape = graph.op('Concat', [positions.batch, graph.int64([heads]), length, length], {
    axis: { int: 0 },
  });
  /** [batch, heads, length, length]: each content's product with the position that `index` names. */
  const meet = (content: Value, linear: Linear, index: Value) => {
    const states = byHead(content, [0, 2, 1, 3], [0, 0]);
    const rows = byHead(addLinear(graph, positions.embeddings, linear), [1, 2, 0], [positions.rows]);
    const products = graph.op('MatMul', [states, rows]);
    return graph.op('GatherElements', [products, graph.op('Expand', [index, shape])], { axis: { int: -1 } });
  };
  const parts: Value[] = [];
  if (keys !== undefined) parts.push(meet(projections.query, keys, positions.index));
  if (queries !== undefined) {
    const mirrored = graph.op('Transpose', [positions.index], { perm: { ints: [1, 0] } });
    const products = meet(projections.key, queries, mirrored);
    parts.push(graph.op('Transpose', [products], { perm: { ints: [0, 1, 3, 2] } }));
  }
  const [first = graph.float32([0], []), ...others] = parts;
  const sum = others.reduce((a, b) => graph.op('Add', [a, b]), first);
  const bias = graph.op('Where', [
    positions.present,
    graph.op('Mul', [sum, graph.float32([scale], [])]),
    graph.float32([HIDDEN_SCORE], []),
  ]);
  return addBiased(graph, projections, heads, graph.op('Expand', [bias, shape]), scale);
}
