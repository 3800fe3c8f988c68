import type { LinearHead } from '../checkpoint/index.ts';
import type { Config } from '../config.ts';
import type { Graph, Value } from './graph.ts';
import { addLinear } from './layers.ts';

/** Pools hidden states [batch, length, hidden] to [batch, hidden]. */
export function addPooling(
  graph: Graph,
  hiddenState: Value,
  attentionMask: Value,
  pooling: Config['head']['pooling'],
): Value {
  if (pooling === 'cls') {
    return graph.op('Gather', [hiddenState, graph.int64([0], [])], { axis: { int: 1 } });
  }
  const axis = graph.int64([1]);
  const keep = graph.op('Unsqueeze', [
    graph.op('Cast', [attentionMask], { to: { int: 9 } }),
    graph.int64([2]),
  ]);
  // Where, not Mul: a padded position that turned out NaN or infinite must not reach the sum.
  const kept = graph.op('Where', [keep, hiddenState, graph.float32([0], [])]);
  const sum = graph.op('ReduceSum', [kept, axis], { keepdims: { int: 0 } });
  const count = graph.op('ReduceSum', [graph.op('Cast', [attentionMask], { to: { int: 1 } }), axis], {
    keepdims: { int: 1 },
  });
  return graph.op('Div', [sum, graph.op('Max', [count, graph.float32([1], [1])])]);
}

/** The linear head: pooled [batch, hidden] → logits [batch, 1], before any activation. */
export function addHead(graph: Graph, pooled: Value, head: LinearHead): Value {
  return addLinear(graph, pooled, head);
}
