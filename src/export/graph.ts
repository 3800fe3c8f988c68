import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { TensorEntry } from '../formats/safetensors.ts';
import {
  AttributeProto_AttributeType,
  type AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from './generated/onnx_pb.ts';

/** The name of a value in the graph: an input, an initializer or a node's output. */
export type Value = string;

export type AttributeValue =
  | { int: number }
  | { ints: readonly number[] }
  | { float: number }
  | { string: string };

/** A named axis is dynamic: `batch`, `sequence`. */
export type Dimension = number | string;
export type ElementType = 'float32' | 'int64' | 'bool';

const ELEMENT: Record<ElementType, TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  int64: TensorProto_DataType.INT64,
  bool: TensorProto_DataType.BOOL,
};

/** The ONNX operator set: the first with RotaryEmbedding and Attention. */
const OPSET = 23n;
/** What ONNX paired with opset 23; ONNX Runtime 1.22 and later read it. */
const IR_VERSION = 10n;

/** ONNX Runtime's own operators. */
const CONTRIB = 'com.microsoft';

/** Collects the nodes and initializers of one graph, in the order in which they are computed. */
export interface Graph {
  /** Adds a node and returns its output. An empty string stands for an optional input left out. */
  op(type: string, inputs: readonly Value[], attributes?: Readonly<Record<string, AttributeValue>>): Value;
  /** Adds a node of ONNX Runtime's own operators (`com.microsoft`). */
  contrib(
    type: string,
    inputs: readonly Value[],
    attributes?: Readonly<Record<string, AttributeValue>>,
  ): Value;
  /** Computes one of two values, at run time: only the nodes that the chosen function adds are run. */
  choose(condition: Value, type: ElementType, then: () => Value, otherwise: () => Value): Value;
  /** A small constant, stored in the graph itself. */
  int64(values: readonly number[], dims?: readonly number[]): Value;
  float32(values: readonly number[], dims?: readonly number[]): Value;
  /**
   * A float32 tensor that stays in the weights file; `rows` takes the slice [begin, end) of its first axis.
   */
  weight(tensor: TensorEntry, rows?: readonly [number, number]): Value;
  /** States the shape of a value where it cannot be inferred, and returns the value. */
  declare(value: Value, type: ElementType, dims: readonly Dimension[]): Value;
  input(name: Value, type: ElementType, dims: readonly Dimension[]): Value;
  output(name: Value, from: Value, type: ElementType, dims: readonly Dimension[]): void;
  /** Serializes the graph as an ONNX model whose weights lie in `weightsFile`, a file beside it. */
  toBytes(options: ModelOptions): Uint8Array;
}

export interface ModelOptions {
  readonly name: string;
  readonly weightsFile: string;
  readonly producerVersion: string;
  /** Free-form facts about where the model came from. */
  readonly metadata: Readonly<Record<string, string>>;
}

type Node = MessageInitShape<typeof NodeProtoSchema>;
type Tensor = MessageInitShape<typeof TensorProtoSchema>;
type Attribute = MessageInitShape<typeof AttributeProtoSchema>;
type Info = MessageInitShape<typeof ValueInfoProtoSchema>;

export function createGraph(): Graph {
  let nodes: Node[] = [];
  let count = 0;
  const constants = new Map<string, Tensor>();
  const weights = new Map<string, { tensor: TensorEntry; offset: number; dims: readonly number[] }>();
  const inputs: Info[] = [];
  const outputs: Info[] = [];
  const declared: Info[] = [];

  const constant = (
    type: ElementType,
    values: readonly number[],
    dims: readonly number[],
    bytes: Uint8Array,
  ) => {
    const name = `${type}[${dims.join(',')}]:${values.length > 8 ? `#${constants.size}` : values.join(',')}`;
    constants.set(name, { name, dims: dims.map(BigInt), dataType: ELEMENT[type], rawData: bytes });
    return name;
  };

  const addNode = (
    domain: string,
    type: string,
    nodeInputs: readonly Value[],
    attribute: Attribute[],
  ): Value => {
    const output = `${type.toLowerCase()}_${count++}`;
    nodes.push({ name: output, domain, opType: type, input: [...nodeInputs], output: [output], attribute });
    return output;
  };
  const toAttributes = (attributes: Readonly<Record<string, AttributeValue>>) =>
    Object.entries(attributes).map(([name, value]) => toAttribute(name, value));
  /** Nodes that `add` adds go into a graph of their own; they may read every value around it. */
  const addBranch = (name: string, type: ElementType, add: () => Value): Attribute => {
    const outer = nodes;
    nodes = [];
    const output = add();
    const branch = { name, node: nodes, output: [toValueInfo(output, type)] };
    nodes = outer;
    return { name, type: AttributeProto_AttributeType.GRAPH, g: branch };
  };

  return {
    op: (type, nodeInputs, attributes = {}) => addNode('', type, nodeInputs, toAttributes(attributes)),
    contrib: (type, nodeInputs, attributes = {}) =>
      addNode(CONTRIB, type, nodeInputs, toAttributes(attributes)),
    choose(condition, type, then, otherwise) {
      const branches = [addBranch('then_branch', type, then), addBranch('else_branch', type, otherwise)];
      return addNode('', 'If', [condition], branches);
    },
    int64(values, dims = [values.length]) {
      const data = BigInt64Array.from(values, (value) => BigInt(value));
      return constant('int64', values, dims, new Uint8Array(data.buffer));
    },
    float32(values, dims = [values.length]) {
      return constant('float32', values, dims, new Uint8Array(Float32Array.from(values).buffer));
    },
    weight(tensor, rows) {
      const [first = 1, ...others] = tensor.shape;
      const [begin, end] = rows ?? [0, first];
      const rowBytes = tensor.byteLength / first;
      const name = rows === undefined ? tensor.name : `${tensor.name}[${begin}:${end}]`;
      weights.set(name, { tensor, offset: tensor.offset + begin * rowBytes, dims: [end - begin, ...others] });
      return name;
    },
    declare(value, type, dims) {
      declared.push(toValueInfo(value, type, dims));
      return value;
    },
    input(name, type, dims) {
      inputs.push(toValueInfo(name, type, dims));
      return name;
    },
    output(name, from, type, dims) {
      nodes.push({ name, opType: 'Identity', input: [from], output: [name] });
      outputs.push(toValueInfo(name, type, dims));
    },
    toBytes({ name, weightsFile, producerVersion, metadata }) {
      const initializer = [...constants.values()];
      for (const [weightName, { offset, dims }] of weights) {
        initializer.push(toExternalTensor(weightName, weightsFile, offset, dims));
      }
      const model = create(ModelProtoSchema, {
        irVersion: IR_VERSION,
        opsetImport: [
          { domain: '', version: OPSET },
          { domain: CONTRIB, version: 1n },
        ],
        producerName: 'hubwright',
        producerVersion,
        metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
        graph: { name, node: nodes, initializer, input: inputs, output: outputs, valueInfo: declared },
      });
      return toBinary(ModelProtoSchema, model);
    },
  };
}

function toAttribute(name: string, value: AttributeValue): Attribute {
  if ('int' in value) return { name, type: AttributeProto_AttributeType.INT, i: BigInt(value.int) };
  if ('ints' in value) return { name, type: AttributeProto_AttributeType.INTS, ints: value.ints.map(BigInt) };
  if ('float' in value) return { name, type: AttributeProto_AttributeType.FLOAT, f: value.float };
  return { name, type: AttributeProto_AttributeType.STRING, s: new TextEncoder().encode(value.string) };
}

function toValueInfo(name: string, type: ElementType, dims?: readonly Dimension[]): Info {
  const dim = dims?.map((size) =>
    typeof size === 'string'
      ? { value: { case: 'dimParam' as const, value: size } }
      : { value: { case: 'dimValue' as const, value: BigInt(size) } },
  );
  const shape = dim === undefined ? {} : { shape: { dim } };
  return { name, type: { value: { case: 'tensorType', value: { elemType: ELEMENT[type], ...shape } } } };
}

/** ONNX Runtime takes only these three keys, offset and length as decimal text; any byte offset will do. */
function toExternalTensor(name: string, file: string, offset: number, dims: readonly number[]): Tensor {
  const length = dims.reduce((product, dim) => product * dim, Float32Array.BYTES_PER_ELEMENT);
  return {
    name,
    dims: dims.map(BigInt),
    dataType: TensorProto_DataType.FLOAT,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: file },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(length) },
    ],
  };
}
