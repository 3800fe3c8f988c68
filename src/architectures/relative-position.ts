import type { Graph, Value } from '../graph/graph.ts';

/** int64 [length, length]: position of the query minus that of the key. */
export function addDistances(graph: Graph, positions: Value): Value {
  const at = (axis: number) => graph.op('Unsqueeze', [positions, graph.int64([axis])]);
  return graph.op('Sub', [at(1), at(0)]);
}

/** Entries of a small table of integers that is stored in the graph, by int64 indices of any shape. */
export function addTableRows(graph: Graph, table: readonly number[], indices: Value): Value {
  return graph.op('Gather', [graph.int64(table), indices]);
}
