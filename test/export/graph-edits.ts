import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from '../../src/graph/generated/onnx_pb.ts';

// Mistakes that no setting makes, put into a finished graph. Each throws where it finds nothing to change.

export type GraphEdit = (graph: GraphProto) => void;

export function editGraph(bytes: Uint8Array, edit: GraphEdit): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  edit(model.graph!);
  return toBinary(ModelProtoSchema, model);
}

/** Calls `change` for every node that `matches`, inside branches too; it returns the nodes to put in its place. */
function replaceNodes(
  graph: GraphProto,
  matches: (node: NodeProto) => boolean,
  change: (node: NodeProto) => NodeProto[],
): void {
  let count = 0;
  const visit = (part: GraphProto) => {
    part.node = part.node.flatMap((node) => {
      for (const { g } of node.attribute) if (g !== undefined) visit(g);
      if (!matches(node)) return [node];
      count++;
      return change(node);
    });
  };
  visit(graph);
  if (count === 0) throw new Error('the mutation changes nothing');
}

const makeNode = (opType: string, input: string[], output: string): NodeProto =>
  create(NodeProtoSchema, { opType, input, output: [output] });

const isType = (opType: string) => (node: NodeProto) => node.opType === opType;
const reads = (suffix: string) => (node: NodeProto) => node.input.some((name) => name.endsWith(suffix));

/** Adds a constant of int64 and returns its name. */
function addInt64(graph: GraphProto, value: number): string {
  const name = `mutation.int64.${value}`;
  const rawData = new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);
  if (!graph.initializer.some((one) => one.name === name)) {
    graph.initializer.push(
      create(TensorProtoSchema, { name, dataType: TensorProto_DataType.INT64, rawData }),
    );
  }
  return name;
}

/** Where a window is decided: in rows without blocks, or in those that are cut into blocks. */
export type WindowPlace = 'dense' | 'blocked';

/**
 * Moves the edge of a window on one side: behind is a key before its query, ahead one after it. |distance| becomes
 * max(distance, −distance + 1) or the like.
 */
export function moveWindow(place: WindowPlace, side: 'behind' | 'ahead', tokens: 1 | -1): GraphEdit {
  return (graph) => {
    const shift = addInt64(graph, -tokens);
    // In the graph itself stands the band of a block; the dense window is in a branch.
    const isBlocked = new Set(graph.node);
    const matches = (node: NodeProto) =>
      node.opType === 'Abs' && isBlocked.has(node) === (place === 'blocked');
    replaceNodes(graph, matches, (node) => {
      const [distance = ''] = node.input;
      const [output = ''] = node.output;
      const [negative, moved] = [`${output}.negative`, `${output}.moved`];
      return [
        makeNode('Neg', [distance], negative),
        makeNode('Add', [side === 'behind' ? distance : negative, shift], moved),
        makeNode('Max', [side === 'behind' ? negative : distance, moved], output),
      ];
    });
  };
}

function setAttribute(
  opType: string,
  name: string,
  change: (value: { f: number; i: bigint }) => void,
): GraphEdit {
  return (graph) =>
    replaceNodes(
      graph,
      (node) => node.opType === opType && node.attribute.some((attribute) => attribute.name === name),
      (node) => {
        change(node.attribute.find((attribute) => attribute.name === name)!);
        return [node];
      },
    );
}

/** Another epsilon in every norm. */
export const setEpsilon = (epsilon: number) =>
  setAttribute('LayerNormalization', 'epsilon', (attribute) => {
    if (Math.fround(attribute.f) === Math.fround(epsilon)) throw new Error('the same epsilon');
    attribute.f = epsilon;
  });

/** Neighbouring numbers rotated together, as GPT-J does, instead of the two halves. */
export const interleaveRotary = setAttribute('RotaryEmbedding', 'interleaved', (attribute) => {
  attribute.i = 1n;
});

/** Scores multiplied with so much more. */
export const scaleScores = (factor: number) =>
  setAttribute('Attention', 'scale', (attribute) => {
    attribute.f *= factor;
  });

/** Rotated the other way round. */
export const reverseRotary: GraphEdit = (graph) =>
  replaceNodes(graph, isType('Sin'), (node) => {
    const [output = ''] = node.output;
    node.output = [`${output}.forward`];
    return [node, makeNode('Neg', [`${output}.forward`], output)];
  });

/** Distances of keys from queries, instead of queries from keys. */
export const mirrorDistances: GraphEdit = (graph) =>
  replaceNodes(graph, isType('Sub'), (node) => {
    node.input.reverse();
    return [node];
  });

/** A norm that lets everything pass. */
export const skipNorm =
  (weight: string): GraphEdit =>
  (graph) =>
    replaceNodes(graph, reads(weight), (node) => [makeNode('Identity', [node.input[0]!], node.output[0]!)]);

/** A norm of its own, with ones for weights, before linear layers that have none. */
export const addNorm =
  (linear: string, width: number): GraphEdit =>
  (graph) => {
    const ones = 'mutation.ones';
    const rawData = new Uint8Array(new Float32Array(width).fill(1).buffer);
    graph.initializer.push(
      create(TensorProtoSchema, {
        name: ones,
        dims: [BigInt(width)],
        dataType: TensorProto_DataType.FLOAT,
        rawData,
      }),
    );
    replaceNodes(
      graph,
      (node) => node.input[1]?.includes(linear) === true,
      (node) => {
        const normed = `${node.output[0]}.normed`;
        const norm = makeNode('LayerNormalization', [node.input[0]!, ones], normed);
        node.input[0] = normed;
        return [norm, node];
      },
    );
  };

/** Two weights of one shape in each other's place. */
export const swapWeights =
  (one: string, other: string): GraphEdit =>
  (graph) =>
    replaceNodes(
      graph,
      (node) => reads(one)(node) || reads(other)(node),
      (node) => {
        node.input = node.input.map((name) =>
          name.endsWith(one)
            ? name.slice(0, -one.length) + other
            : name.endsWith(other)
              ? name.slice(0, -other.length) + one
              : name,
        );
        return [node];
      },
    );

/** LN(x + f(x)), as BERT has it, made x + LN(f(x)). */
export const normBeforeSum: GraphEdit = (graph) => {
  const sums = new Map(graph.node.filter(isType('Add')).map((node) => [node.output[0]!, node.input]));
  const norms = new Set(graph.node.filter(isType('LayerNormalization')).map((node) => node.output[0]!));
  // The embeddings are a normalised sum too, but of no state.
  const isNormOfSum = (node: NodeProto) =>
    node.opType === 'LayerNormalization' && norms.has(sums.get(node.input[0]!)?.[0] ?? '');
  replaceNodes(graph, isNormOfSum, (node) => {
    const [x = '', change = ''] = sums.get(node.input[0]!)!;
    const output = node.output[0]!;
    node.input[0] = change;
    node.output = [`${output}.change`];
    return [node, makeNode('Add', [x, `${output}.change`], output)];
  });
};

/** x + f(LN(x)), as ModernBERT has it, made LN(x) + f(LN(x)). */
export const sumBehindNorm: GraphEdit = (graph) => {
  const normOf = new Map(
    graph.node.filter(isType('LayerNormalization')).map((node) => [node.input[0]!, node.output[0]!]),
  );
  replaceNodes(
    graph,
    (node) => node.opType === 'Add' && normOf.has(node.input[0]!),
    (node) => {
      node.input[0] = normOf.get(node.input[0]!)!;
      return [node];
    },
  );
};

/** Positions that begin one earlier: what is added to the count of tokens. */
export const countFromOneLess: GraphEdit = (graph) => {
  const counts = graph.node.filter(isType('CumSum')).map((node) => node.output[0]!);
  const products = graph.node.filter((node) => node.opType === 'Mul' && counts.includes(node.input[0]!));
  replaceNodes(
    graph,
    (node) => node.opType === 'Add' && products.some(({ output }) => output[0] === node.input[0]),
    (node) => {
      const output = node.output[0]!;
      node.output = [`${output}.counted`];
      return [node, makeNode('Sub', [`${output}.counted`, addInt64(graph, 1)], output)];
    },
  );
};
