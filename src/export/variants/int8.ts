import { create } from '@bufbuild/protobuf';
import { type NodeProto, TensorProto_DataType, TensorProtoSchema } from '../../graph/generated/onnx_pb.ts';
import { type AttributeValue, toAttribute } from '../../graph/graph.ts';
import { type Draft, type Form, makeNode, type StoredWeight } from './model.ts';

/** Tables of fewer rows, such as those of positions, stay in float32: there is little to save. */
const MIN_TABLE_ROWS = 4096;

/** Added to the name of a quantized weight: what one step of its integers is worth. */
export const SCALE_SUFFIX = '.scale';

/** Steps between zero and the largest magnitude of a row of activations. */
const ACTIVATION_STEPS = 127;
/** Which unsigned byte stands for zero. */
const ZERO = 128;
/** A row of zeros has no scale of its own. */
const MIN_MAGNITUDE = 1e-30;

/**
 * Rewrites linear layers to products of 8-bit integers. Weights have one scale an output. Activations are quantized
 * while the model runs, with one scale a token and not one a batch: so a token's outliers cost no other its precision,
 * and a row's score does not depend on the rows beside it. Tokens are unsigned, weights signed: the pair for which ONNX
 * Runtime has fast kernels. The vocabulary's table is stored as integers too, with one scale a row. Everything behind the
 * last hidden state stays in float32.
 */
export function toInt8({ graph, weights, head }: Draft): StoredWeight[] {
  const forms = new Map<string, Form>([...weights.keys()].map((name) => [name, 'float32']));
  const nodes: NodeProto[] = [];
  const quantized = new Map<string, Quantized>();
  const op = (
    type: string,
    input: readonly string[],
    output: string,
    attributes: Attributes = {},
    domain = '',
  ) => {
    const attribute = Object.entries(attributes).map(([name, value]) => toAttribute(name, value));
    nodes.push(makeNode(type, input, output, { attribute, domain }));
    return output;
  };

  for (const node of graph.node) {
    const [x = '', weight = '', bias] = node.input;
    const [output = ''] = node.output;
    if (node.opType === 'Gemm' && weights.has(weight) && !head.has(output)) {
      forms.set(weight, 'int8-columns');
      const tokens = quantized.get(x) ?? addQuantized(op, x);
      quantized.set(x, tokens);
      const product = op(
        'MatMulIntegerToFloat',
        [tokens.integers, weight, ONE, weight + SCALE_SUFFIX, ZERO_POINT],
        `${output}.product`,
        {},
        'com.microsoft',
      );
      const scaled = op('Mul', [product, tokens.scale], bias === undefined ? output : `${output}.scaled`);
      if (bias !== undefined) op('Add', [scaled, bias], output);
    } else if (node.opType === 'Gather' && Number(weights.get(x)?.dims[0] ?? 0) >= MIN_TABLE_ROWS) {
      forms.set(x, 'int8-rows');
      const integers = op('Gather', [x, weight], `${output}.integers`);
      const numbers = op('Cast', [integers], `${output}.numbers`, {
        to: { int: TensorProto_DataType.FLOAT },
      });
      op('Mul', [numbers, op('Gather', [x + SCALE_SUFFIX, weight], `${output}.scale`)], output);
    } else nodes.push(node);
  }
  graph.node = nodes;
  graph.initializer = [...graph.initializer.filter(({ name }) => !weights.has(name)), ...listConstants()];
  return [...weights].map(([name, source]) => ({ name, source, form: forms.get(name) ?? 'float32' }));
}

type Attributes = Readonly<Record<string, AttributeValue>>;

/** Activations [tokens, width] as uint8, and what a step of each row is worth: float32 [tokens, 1]. */
interface Quantized {
  readonly integers: string;
  readonly scale: string;
}

const ONE = 'int8.one';
const ZERO_POINT = 'int8.zero_point';
const STEP = 'int8.step';
const LEAST = 'int8.least';
const LAST_AXIS = 'int8.last_axis';

type AddOp = (type: string, input: readonly string[], output: string, attributes?: Attributes) => string;

function addQuantized(op: AddOp, x: string): Quantized {
  const at = (name: string) => `${x}.${name}`;
  const largest = op('ReduceMax', [op('Abs', [x], at('magnitude')), LAST_AXIS], at('largest'), {
    keepdims: { int: 1 },
  });
  const scale = op('Mul', [op('Max', [largest, LEAST], at('range')), STEP], at('scale'));
  const rows = op('Squeeze', [scale, LAST_AXIS], at('rows'));
  const zeros = op('Expand', [ZERO_POINT, op('Shape', [rows], at('count'))], at('zeros'));
  return { integers: op('QuantizeLinear', [x, rows, zeros], at('integers'), { axis: { int: 0 } }), scale };
}

function listConstants() {
  const scalar = (name: string, number: number) =>
    create(TensorProtoSchema, {
      name,
      dataType: TensorProto_DataType.FLOAT,
      rawData: new Uint8Array(Float32Array.of(number).buffer),
    });
  return [
    scalar(ONE, 1),
    scalar(STEP, 1 / ACTIVATION_STEPS),
    scalar(LEAST, MIN_MAGNITUDE),
    create(TensorProtoSchema, {
      name: ZERO_POINT,
      dataType: TensorProto_DataType.UINT8,
      rawData: Uint8Array.of(ZERO),
    }),
    create(TensorProtoSchema, {
      name: LAST_AXIS,
      dims: [1n],
      dataType: TensorProto_DataType.INT64,
      rawData: new Uint8Array(BigInt64Array.of(1n).buffer),
    }),
  ];
}
