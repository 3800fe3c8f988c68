import type { TensorEntry } from '../formats/safetensors.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { addLayerNorm, addLinear, type Linear } from '../graph/layers.ts';
import { requireTensor, takeLinear } from './tensors.ts';

export interface EmbeddingOptions {
  readonly width: number;
  readonly epsilon: number;
  /** A linear layer between the sum and its norm. */
  readonly projection?: Linear;
}

/**
 * Adds what a word, its position and its segment stand for, normalised: [batch · length, width]. A text is one segment,
 * the first; tables that the checkpoint does not have add nothing.
 *
 * @param positions int64 [length] or [batch, length]: rows of the table of positions
 */
export function addBertEmbeddings(
  graph: Graph,
  tensors: ReadonlyMap<string, TensorEntry>,
  inputIds: Value,
  positions: Value | undefined,
  { width, epsilon, projection }: EmbeddingOptions,
): Value {
  let sum = graph.lookUp(requireTensor(tensors, 'embeddings.word_embeddings.weight'), inputIds);
  const types = tensors.get('embeddings.token_type_embeddings.weight');
  if (types !== undefined) sum = graph.op('Add', [sum, graph.weight(types, [0, 1])]);
  const table = tensors.get('embeddings.position_embeddings.weight');
  if (table !== undefined && positions !== undefined) {
    sum = graph.op('Add', [sum, graph.lookUp(table, positions)]);
  }
  const tokens = graph.op('Reshape', [sum, graph.int64([-1, width])]);
  const projected = projection === undefined ? tokens : addLinear(graph, tokens, projection);
  return addLayerNorm(graph, projected, takeLinear(tensors, 'embeddings.LayerNorm'), epsilon);
}

/**
 * Positions as fairseq counts them: the n-th token that is not padding stands at `padding` + n, and padding at
 * `padding`. What padding is, the ids say and not the mask.
 *
 * @returns int64 [batch, length]
 */
export function addCountedPositions(graph: Graph, inputIds: Value, padding: number): Value {
  const isToken = graph.op('Not', [graph.op('Equal', [inputIds, graph.int64([padding], [])])]);
  const tokens = graph.op('Cast', [isToken], { to: { int: 7 } });
  const counted = graph.op('Mul', [graph.op('CumSum', [tokens, graph.int64([1], [])]), tokens]);
  return graph.op('Add', [counted, graph.int64([padding], [])]);
}
