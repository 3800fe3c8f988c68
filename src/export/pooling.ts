import type { Checkpoint } from '../checkpoint/index.ts';
import type { Config } from '../config.ts';
import { addActivation } from '../graph/activation.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { addLayerNorm, addLinear } from '../graph/layers.ts';

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
  if (pooling === 'max') {
    const least = graph.float32([-3.4028234663852886e38], []);
    return graph.op('ReduceMax', [graph.op('Where', [keep, hiddenState, least]), axis], {
      keepdims: { int: 0 },
    });
  }
  // Where, not Mul: a padded position that turned out NaN or infinite must not reach the sum.
  const kept = graph.op('Where', [keep, hiddenState, graph.float32([0], [])]);
  const sum = graph.op('ReduceSum', [kept, axis], { keepdims: { int: 0 } });
  const count = graph.op('ReduceSum', [graph.op('Cast', [attentionMask], { to: { int: 1 } }), axis], {
    keepdims: { int: 1 },
  });
  return graph.op('Div', [sum, graph.op('Max', [count, graph.float32([1], [1])])]);
}

/** The head: pooled [batch, hidden] → logits [batch, labels], before the activation that makes them scores. */
export function addHead(graph: Graph, pooled: Value, { classifier, head }: Checkpoint): Value {
  let x = pooled;
  for (const step of classifier?.steps ?? []) {
    if (step.kind === 'linear') x = addLinear(graph, x, step.layer);
    else if (step.kind === 'norm') x = addLayerNorm(graph, x, step.layer, step.epsilon);
    else x = addActivation(graph, x, step.activation);
  }
  return addLinear(graph, x, head);
}
