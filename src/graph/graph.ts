import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { HubwrightError } from '../errors.ts';
import { DTYPE_BYTES, type Dtype, type TensorEntry } from '../formats/safetensors.ts';
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

/** Types that weights may have, as safetensors and ONNX name them. */
const WEIGHT_TYPE: Partial<Record<Dtype, TensorProto_DataType>> = {
  F32: TensorProto_DataType.FLOAT,
  F16: TensorProto_DataType.FLOAT16,
  BF16: TensorProto_DataType.BFLOAT16,
};

/** Whether a tensor of this type can be one of the graph's weights. */
export function isWeightType(dtype: Dtype): boolean {
  return WEIGHT_TYPE[dtype] !== undefined;
}

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

/**
 * How attention is written: as operators that do all of it, or taken apart into products and a softmax, for execution
 * providers that lack those operators or compute them wrongly.
 */
export type AttentionStyle = 'fused' | 'decomposed';

/** Collects the nodes and initializers of one graph, in the order in which they are computed. */
export interface Graph {
  readonly attention: AttentionStyle;
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
   * A tensor that stays in the weights file, as float32; `rows` takes the slice [begin, end) of its first axis.
   * One of half precision is cast by a node that ONNX Runtime folds away when it loads the graph.
   */
  weight(tensor: TensorEntry, rows?: readonly [number, number]): Value;
  /** Rows of a tensor that stays in the weights file, by int64 indices, as float32: only those are cast. */
  lookUp(table: TensorEntry, indices: Value): Value;
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

export function createGraph(attention: AttentionStyle = 'fused'): Graph {
  let nodes: Node[] = [];
  let count = 0;
  const constants = new Map<string, Tensor>();
  const weights = new Map<string, { tensor: TensorEntry; offset: number; dims: readonly number[] }>();
  // Apart from the other nodes, as one cast may serve several branches.
  const casts = new Map<string, Node>();
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
  const addWeight = (tensor: TensorEntry, rows?: readonly [number, number]): Value => {
    const [first = 1, ...others] = tensor.shape;
    const [begin, end] = rows ?? [0, first];
    const rowBytes = tensor.byteLength / first;
    const name = rows === undefined ? tensor.name : `${tensor.name}[${begin}:${end}]`;
    weights.set(name, { tensor, offset: tensor.offset + begin * rowBytes, dims: [end - begin, ...others] });
    return name;
  };
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
    attention,
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
      const name = addWeight(tensor, rows);
      if (tensor.dtype === 'F32') return name;
      const output = `${name}.float32`;
      casts.set(output, {
        name: output,
        opType: 'Cast',
        input: [name],
        output: [output],
        attribute: [toAttribute('to', { int: TensorProto_DataType.FLOAT })],
      });
      return output;
    },
    lookUp(table, indices) {
      const found = addNode('', 'Gather', [addWeight(table), indices], []);
      if (table.dtype === 'F32') return found;
      return addNode('', 'Cast', [found], toAttributes({ to: { int: TensorProto_DataType.FLOAT } }));
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
      for (const [weightName, { tensor, offset, dims }] of weights) {
        initializer.push(toExternalTensor(weightName, tensor, tensor.file ?? weightsFile, offset, dims));
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
        graph: {
          name,
          node: [...casts.values(), ...nodes],
          initializer,
          input: inputs,
          output: outputs,
          valueInfo: declared,
        },
      });
      return toBinary(ModelProtoSchema, model);
    },
  };
}

/** An attribute of a node, as the protobuf spells it. */
export function toAttribute(name: string, value: AttributeValue): Attribute {
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

/**
 * A tensor of a checkpoint as an initializer that points at its file. ONNX Runtime takes only these three keys, offset
 * and length as decimal text; any byte offset will do.
 */
export function toExternalTensor(
  name: string,
  { dtype }: TensorEntry,
  file: string,
  offset: number,
  dims: readonly number[],
): Tensor {
  const dataType = WEIGHT_TYPE[dtype];
  if (dataType === undefined) throw new HubwrightError('UNSUPPORTED', `tensor ${name} is ${dtype}`);
  const length = dims.reduce((product, dim) => product * dim, DTYPE_BYTES[dtype]);
  return {
    name,
    dims: dims.map(BigInt),
    dataType,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: file },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(length) },
    ],
  };
}
