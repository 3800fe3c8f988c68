import { create, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
} from '../../graph/generated/onnx_pb.ts';
import type { BuiltModel } from '../index.ts';

/** How a weight is stored in a variant's data file. */
export type Form = 'float32' | 'float16' | 'int8-rows' | 'int8-columns';

/** A weight of the fp32 graph, by where it lies in the checkpoint, and what it becomes. */
export interface StoredWeight {
  readonly name: string;
  readonly source: TensorProto;
  readonly form: Form;
}

/** The fp32 graph on its way to a variant: its nodes are rewritten, its weights get a form. */
export interface Draft {
  readonly model: ModelProto;
  readonly graph: GraphProto;
  /** By name, the initializers that lie in the checkpoint. */
  readonly weights: ReadonlyMap<string, TensorProto>;
  /** Values behind the last hidden state: pooling and head, which are small and stay in float32. */
  readonly head: ReadonlySet<string>;
}

/** Opens a graph for rewriting. Weights of half precision are taken as what they stand for: their casts are gone. */
export function openDraft({ bytes, hiddenState }: BuiltModel): Draft {
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = model.graph;
  if (graph === undefined) throw new TypeError('a model without a graph');
  const weights = new Map(
    graph.initializer
      .filter(({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL)
      .map((tensor) => [tensor.name, tensor]),
  );
  dropCasts(graph, weights);
  return { model, graph, weights, head: findDescendants(graph, hiddenState) };
}

function dropCasts(graph: GraphProto, weights: ReadonlyMap<string, TensorProto>): void {
  const read = new Set(weights.keys());
  const alias = new Map<string, string>();
  graph.node = graph.node.filter(({ opType, input: [from = ''], output: [to = ''] }) => {
    if (opType === 'Gather' && weights.has(from)) read.add(to);
    if (opType !== 'Cast' || !read.has(from)) return true;
    alias.set(to, from);
    return false;
  });
  const rename = (nodes: NodeProto[]) => {
    for (const node of nodes) {
      node.input = node.input.map((name) => alias.get(name) ?? name);
      for (const branch of branchesOf(node)) rename(branch.node);
    }
  };
  rename(graph.node);
}

function findDescendants({ node }: GraphProto, value: string): Set<string> {
  const found = new Set([value]);
  for (const { input, output } of node)
    if (input.some((name) => found.has(name))) for (const name of output) found.add(name);
  found.delete(value);
  return found;
}

export function branchesOf(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap(({ g }) => (g === undefined ? [] : [g]));
}

/** A node in the way that the graph's writer names them: by its output. */
export function makeNode(
  opType: string,
  input: readonly string[],
  output: string,
  extra: MessageInitShape<typeof NodeProtoSchema> = {},
): NodeProto {
  return create(NodeProtoSchema, { name: output, opType, input: [...input], output: [output], ...extra });
}
