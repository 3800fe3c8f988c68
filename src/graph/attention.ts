import { addDecomposedAttention, type ScoreChange } from './decomposed-attention.ts';
import type { Graph, Value } from './graph.ts';

/** Rotated queries and keys, and values, each [batch, length, hidden]. */
export interface Projections {
  readonly hidden: number;
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
}

/** What attention to every token needs to know of its batch; computed once for all layers. */
export interface GlobalInputs {
  /** bool scalar: no row is padded. */
  readonly unpadded: Value;
  /**
   * bool [batch, 1, length, length], or what broadcasts to it where attention is decomposed: which keys a query of a
   * global layer may see. Without meaning if `unpadded` and fused.
   */
  readonly visible: Value;
}

/** The same for encoders some of whose layers look through a window. */
export interface AttentionInputs extends GlobalInputs {
  /** int64 scalar: tokens in a row of the batch. */
  readonly length: Value;
  /** The same for a sliding layer. Without meaning if blocks are worthwhile. */
  readonly near: Value;
  readonly blocks: Blocks;
}

/** A batch cut into blocks of queries, each with the keys that its window reaches. */
export interface Blocks {
  /** bool scalar: rows are long enough for blocks to pay. */
  readonly worthwhile: Value;
  /** int64 [8]: how many zeros to put before and behind the queries, and the keys. */
  readonly queryPads: Value;
  readonly keyPads: Value;
  /** int64 [blocks, keys a block]: positions in the padded keys. */
  readonly keyIndex: Value;
  /** bool [batch · blocks, 1, queries a block, keys a block] */
  readonly mask: Value;
  /** int64 [3]: shapes [batch · blocks, queries or keys a block, hidden], and [batch, padded length, hidden]. */
  readonly queryShape: Value;
  readonly keyShape: Value;
  readonly rowShape: Value;
}

/**
 * Rows longer than this are cut into blocks. Below it the dense mask is no slower: measured with ModernBERT-base.
 */
const MIN_BLOCKED_LENGTH = 384;

/** Attention of every token to every other: [batch, length, hidden]. */
export function addGlobalAttention(
  graph: Graph,
  qkv: Projections,
  heads: number,
  inputs: GlobalInputs,
): Value {
  const { query, key, value } = qkv;
  if (graph.attention === 'decomposed') return addMasked(graph, qkv, heads, inputs.visible);
  // ONNX Runtime's tiled kernel keeps no length × length matrix, but takes no mask.
  return graph.choose(
    inputs.unpadded,
    'float32',
    () => graph.contrib('MultiHeadAttention', [query, key, value], { num_heads: { int: heads } }),
    () => addMasked(graph, qkv, heads, inputs.visible),
  );
}

/** Attention within the window: [batch, length, hidden]. The work grows with the length, not with its square. */
export function addSlidingAttention(
  graph: Graph,
  qkv: Projections,
  heads: number,
  inputs: AttentionInputs,
): Value {
  const { blocks } = inputs;
  return graph.choose(
    blocks.worthwhile,
    'float32',
    () => addBlocked(graph, qkv, heads, inputs.length, blocks),
    () => addMasked(graph, qkv, heads, inputs.near),
  );
}

/** Attention under a bool mask [batch, 1, queries, keys]. */
export function addMasked(graph: Graph, qkv: Projections, heads: number, visible: Value): Value {
  return addChanged(graph, qkv, heads, { visible });
}

/** Attention with a float bias [batch, heads or 1, length, length] added to the scores. */
export function addBiased(graph: Graph, qkv: Projections, heads: number, bias: Value, scale?: number): Value {
  return addChanged(graph, qkv, heads, { bias }, scale);
}

/** `scale` is what products of queries and keys are multiplied with: 1 / √(head size) unless given. */
function addChanged(
  graph: Graph,
  qkv: Projections,
  heads: number,
  change: ScoreChange,
  scale?: number,
): Value {
  if (graph.attention === 'decomposed') {
    return addDecomposedAttention(graph, qkv, heads, change, scale ?? 1 / Math.sqrt(qkv.hidden / heads));
  }
  const mask = 'bias' in change ? change.bias : change.visible;
  return graph.op('Attention', [qkv.query, qkv.key, qkv.value, mask], {
    q_num_heads: { int: heads },
    kv_num_heads: { int: heads },
    ...(scale === undefined ? {} : { scale: { float: scale } }),
  });
}

function addBlocked(graph: Graph, qkv: Projections, heads: number, length: Value, blocks: Blocks): Value {
  const takeKeys = (value: Value) =>
    graph.op('Reshape', [
      graph.op('Gather', [graph.op('Pad', [value, blocks.keyPads]), blocks.keyIndex], { axis: { int: 1 } }),
      blocks.keyShape,
    ]);
  const query = graph.op('Reshape', [graph.op('Pad', [qkv.query, blocks.queryPads]), blocks.queryShape]);
  const attended = addMasked(
    graph,
    { query, key: takeKeys(qkv.key), value: takeKeys(qkv.value), hidden: qkv.hidden },
    heads,
    blocks.mask,
  );
  const rows = graph.op('Reshape', [attended, blocks.rowShape]);
  return graph.op('Slice', [
    rows,
    graph.int64([0]),
    graph.op('Unsqueeze', [length, graph.int64([0])]),
    graph.int64([1]),
  ]);
}

/** A batch, as far as attention looks at it. */
export interface BatchShape {
  /** int64 [batch, length] */
  readonly attentionMask: Value;
  /** int64 [length]: 0, 1, 2 … */
  readonly positions: Value;
  /** int64 scalar */
  readonly length: Value;
  /** int64 [1] */
  readonly batch: Value;
}

/** Computes what all layers share when each attends to every token. */
export function addGlobalInputs(graph: Graph, shape: BatchShape): GlobalInputs {
  const { present, unpadded } = addPadding(graph, shape.attentionMask);
  return { unpadded, visible: addVisible(graph, shape, present, unpadded) };
}

/** bool [batch, 1, 1, length]: where there are tokens; and whether they are everywhere. */
function addPadding(graph: Graph, attentionMask: Value): { present: Value; unpadded: Value } {
  const present = addPresent(graph, attentionMask);
  const least = graph.op('ReduceMin', [attentionMask], { keepdims: { int: 0 } });
  return { present, unpadded: graph.op('Equal', [least, graph.int64([1], [])]) };
}

/** bool [batch, 1, 1, length]: which keys are tokens. */
export function addPresent(graph: Graph, attentionMask: Value): Value {
  return graph.op('Unsqueeze', [graph.op('Cast', [attentionMask], { to: { int: 9 } }), graph.int64([1, 2])]);
}

/** A mask has length × length cells: where nobody reads it, it is not made. */
function addVisible(graph: Graph, { length, batch }: BatchShape, present: Value, unpadded: Value): Value {
  if (graph.attention === 'decomposed') return present;
  return graph.choose(
    unpadded,
    'bool',
    () => graph.op('Identity', [present]),
    () => {
      const one = graph.int64([1]);
      const row = graph.op('Unsqueeze', [length, graph.int64([0])]);
      return graph.op('Expand', [present, graph.op('Concat', [batch, one, row, row], { axis: { int: 0 } })]);
    },
  );
}

/** Computes what all layers share. `radius` in tokens, inclusive. */
export function addAttentionInputs(
  graph: Graph,
  shape: BatchShape,
  radius: number,
  hidden: number,
): AttentionInputs {
  const { positions, length } = shape;
  const unsqueeze = (value: Value, ...axes: number[]) => graph.op('Unsqueeze', [value, graph.int64(axes)]);
  const { present, unpadded } = addPadding(graph, shape.attentionMask);
  const worthwhile = graph.op('Greater', [length, graph.int64([MIN_BLOCKED_LENGTH], [])]);
  const visible = addVisible(graph, shape, present, unpadded);
  const near = graph.choose(
    worthwhile,
    'bool',
    () => graph.op('Identity', [present]),
    () => {
      const distance = graph.op('Abs', [graph.op('Sub', [unsqueeze(positions, 1), unsqueeze(positions, 0)])]);
      return graph.op('And', [present, graph.op('LessOrEqual', [distance, graph.int64([radius], [])])]);
    },
  );
  return { length, unpadded, visible, near, blocks: addBlocks(graph, shape, worthwhile, radius, hidden) };
}

/** A block holds as many queries as two radii, and at least this many: smaller ones waste the kernel. */
const MIN_BLOCK = 64;

function addBlocks(
  graph: Graph,
  shape: BatchShape,
  worthwhile: Value,
  radius: number,
  hidden: number,
): Blocks {
  const { attentionMask, length, batch } = shape;
  const block = Math.max(MIN_BLOCK, 2 * radius);
  const keys = block + 2 * radius;
  const scalar = (value: number) => graph.int64([value], []);
  const range = (count: Value) => graph.op('Range', [scalar(0), count, scalar(1)]);
  const vector = (value: Value) => graph.op('Unsqueeze', [value, graph.int64([0])]);
  const concat = (...parts: Value[]) => graph.op('Concat', parts, { axis: { int: 0 } });

  const count = graph.op('Div', [graph.op('Add', [length, scalar(block - 1)]), scalar(block)]);
  const padded = graph.op('Mul', [count, scalar(block)]);
  const behind = vector(graph.op('Sub', [padded, length]));
  const keysBehind = graph.op('Add', [behind, graph.int64([radius])]);
  const starts = graph.op('Mul', [range(count), scalar(block)]);
  const keyIndex = graph.op('Add', [
    graph.op('Unsqueeze', [starts, graph.int64([1])]),
    graph.op('Unsqueeze', [range(scalar(keys)), graph.int64([0])]),
  ]);
  const allBlocks = vector(graph.op('Mul', [graph.op('Squeeze', [batch]), count]));

  const present = graph.op(
    'Gather',
    [graph.op('Pad', [attentionMask, concat(graph.int64([0, radius, 0]), keysBehind)]), keyIndex],
    { axis: { int: 1 } },
  );
  const valid = graph.op(
    'Cast',
    [graph.op('Reshape', [present, concat(allBlocks, graph.int64([1, 1, keys]))])],
    { to: { int: 9 } },
  );
  return {
    worthwhile,
    queryPads: concat(graph.int64([0, 0, 0, 0]), behind, graph.int64([0])),
    keyPads: concat(graph.int64([0, radius, 0, 0]), keysBehind, graph.int64([0])),
    keyIndex,
    mask: graph.op('And', [valid, addBand(graph, block, keys, radius)]),
    queryShape: graph.int64([-1, block, hidden]),
    keyShape: graph.int64([-1, keys, hidden]),
    rowShape: concat(batch, vector(padded), graph.int64([hidden])),
  };
}

/** bool [queries, keys] of one block: query i stands at i + radius among the keys. */
function addBand(graph: Graph, queries: number, keys: number, radius: number): Value {
  const at = (from: number, to: number, axis: number) =>
    graph.op('Unsqueeze', [
      graph.op('Range', [graph.int64([from], []), graph.int64([to], []), graph.int64([1], [])]),
      graph.int64([axis]),
    ]);
  const distance = graph.op('Abs', [graph.op('Sub', [at(radius, radius + queries, 1), at(0, keys, 0)])]);
  return graph.op('LessOrEqual', [distance, graph.int64([radius], [])]);
}
