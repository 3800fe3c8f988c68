import { fromBinary } from '@bufbuild/protobuf';
import { HubwrightError } from '../errors.ts';
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
} from './generated/onnx_pb.ts';

/**
 * The files that an ONNX model reads tensors from, as it names them: relative to its own folder, each once, sorted.
 *
 * @throws HubwrightError INPUT_INVALID for bytes that are no ONNX model.
 */
export function listExternalFiles(bytes: Uint8Array, name: string): string[] {
  const files = new Set<string>();
  for (const tensor of listTensors(parseModel(bytes, name))) {
    if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) continue;
    const location = tensor.externalData.find(({ key }) => key === 'location')?.value;
    if (location === undefined) throw invalid(name, `tensor ${tensor.name} is in a file that is not named`);
    files.add(location);
  }
  return [...files].sort();
}

/** @throws HubwrightError INPUT_INVALID for bytes that are no ONNX model. */
export function parseModel(bytes: Uint8Array, name: string): ModelProto {
  try {
    const model = fromBinary(ModelProtoSchema, bytes);
    if (model.graph === undefined) throw new TypeError('it holds no graph');
    return model;
  } catch (cause) {
    throw invalid(name, 'it cannot be read as ONNX', cause);
  }
}

/** Every tensor of a model, wherever it stands: initializers, constants, those of branches and functions too. */
export function* listTensors({ graph, functions }: ModelProto): Generator<TensorProto> {
  if (graph !== undefined) yield* ofGraph(graph);
  for (const { node } of functions) yield* ofNodes(node);
}

/** Every node of a model, those of branches and functions too. */
export function* listNodes({ graph, functions }: ModelProto): Generator<NodeProto> {
  if (graph !== undefined) yield* nodesOf(graph.node);
  for (const { node } of functions) yield* nodesOf(node);
}

function* nodesOf(nodes: readonly NodeProto[]): Generator<NodeProto> {
  for (const node of nodes) {
    yield node;
    for (const { g, graphs } of node.attribute)
      for (const branch of g === undefined ? graphs : [g, ...graphs]) yield* nodesOf(branch.node);
  }
}

function* ofGraph(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer;
  for (const { values, indices } of graph.sparseInitializer) {
    if (values !== undefined) yield values;
    if (indices !== undefined) yield indices;
  }
  yield* ofNodes(graph.node);
}

function* ofNodes(nodes: readonly NodeProto[]): Generator<TensorProto> {
  for (const { attribute } of nodes) {
    for (const { t, tensors, g, graphs } of attribute) {
      if (t !== undefined) yield t;
      yield* tensors;
      for (const branch of g === undefined ? graphs : [g, ...graphs]) yield* ofGraph(branch);
    }
  }
}

function invalid(name: string, what: string, cause?: unknown): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `${name} is no usable ONNX model: ${what}`, { cause });
}
