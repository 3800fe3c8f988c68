import { HubwrightError } from '../../errors.ts';
import { encodeFloat16 } from '../../formats/half.ts';
import { TensorProto_DataType } from '../../graph/generated/onnx_pb.ts';
import type { WeightRows } from '../../graph/tensor-reader.ts';
import { SCALE_SUFFIX } from './int8.ts';
import type { Form } from './model.ts';

/** A tensor for the data file. */
export interface EncodedTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: TensorProto_DataType;
  /** Its bytes, row-major and little-endian, in pieces; each tensor's are taken before the next one's. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Numbers that are held in memory at a time where a weight is encoded row by row: 16 MB of float32. */
const CHUNK = 1 << 22;

/**
 * Weights in [−64, 64] have 7 bits. With 8, processors without VNNI (AMD before Zen 4, Intel before Ice Lake) add two
 * products of a token's byte and a weight in 16 bits, where they saturate: the same file would give other scores there.
 */
const LINEAR_STEPS = 64;
/** The float16 above all numbers, without its sign. */
const INFINITE = 0x7c00;
/** A table is only looked up. */
const TABLE_STEPS = 127;

/** What a weight becomes in its form: one tensor, or integers and their scales. */
export function encodeWeight(weight: WeightRows, name: string, form: Form): EncodedTensor[] {
  const { dims } = weight;
  if (form === 'float32') {
    const bytes = mapChunks(weight, (numbers) => toBytes(numbers));
    return [{ name, dims, dataType: TensorProto_DataType.FLOAT, bytes }];
  }
  if (form === 'float16') {
    const bytes = mapChunks(weight, (numbers) => toBytes(halve(numbers, weight.name)));
    return [{ name, dims, dataType: TensorProto_DataType.FLOAT16, bytes }];
  }
  const scales = new Float32Array(weight.rows);
  const columns = form === 'int8-columns';
  const steps = columns ? LINEAR_STEPS : TABLE_STEPS;
  const quantize = (numbers: Float32Array, first: number) =>
    quantizeRows(numbers, weight, scales, first, steps);
  const integers = {
    name,
    dims: columns ? [weight.width, weight.rows] : dims,
    dataType: TensorProto_DataType.INT8,
    bytes: columns
      ? transposed(weight, quantize)
      : mapChunks(weight, (numbers, row) => toBytes(quantize(numbers, row))),
  };
  const scaleDims = columns ? [weight.rows] : [weight.rows, 1];
  const scaleBytes = (async function* () {
    yield toBytes(scales);
  })();
  return [
    integers,
    { name: name + SCALE_SUFFIX, dims: scaleDims, dataType: TensorProto_DataType.FLOAT, bytes: scaleBytes },
  ];
}

async function* mapChunks(
  weight: WeightRows,
  map: (numbers: Float32Array, firstRow: number) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  const step = Math.max(1, Math.floor(CHUNK / Math.max(1, weight.width)));
  for (let row = 0; row < weight.rows; row += step) {
    yield map(await weight.read(row, Math.min(weight.rows, row + step)), row);
  }
}

/** Integer products want [in, out], where PyTorch stores [out, in]. */
async function* transposed(
  weight: WeightRows,
  quantize: (numbers: Float32Array, firstRow: number) => Int8Array,
): AsyncGenerator<Uint8Array> {
  const { rows, width } = weight;
  const integers = quantize(await weight.read(0, rows), 0);
  const result = new Int8Array(integers.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < width; column += 1) {
      result[column * rows + row] = integers[row * width + column] ?? 0;
    }
  }
  yield toBytes(result);
}

/** Rounds each row to integers of its own scale, symmetric around zero. */
function quantizeRows(
  numbers: Float32Array,
  { width }: WeightRows,
  scales: Float32Array,
  firstRow: number,
  steps: number,
): Int8Array {
  const integers = new Int8Array(numbers.length);
  for (let begin = 0, row = firstRow; begin < numbers.length; begin += width, row += 1) {
    let largest = 0;
    for (let i = begin; i < begin + width; i += 1) largest = Math.max(largest, Math.abs(numbers[i] ?? 0));
    const scale = Math.fround(largest / steps);
    scales[row] = scale;
    if (scale === 0) continue;
    for (let i = begin; i < begin + width; i += 1) integers[i] = Math.round((numbers[i] ?? 0) / scale);
  }
  return integers;
}

function halve(numbers: Float32Array, name: string): Uint16Array {
  const halves = new Uint16Array(numbers.length);
  for (let i = 0; i < numbers.length; i += 1) {
    const half = encodeFloat16(numbers[i] ?? 0);
    halves[i] = half;
    if ((half & 0x7fff) !== INFINITE) continue;
    throw new HubwrightError('UNSUPPORTED', `tensor ${name} holds ${numbers[i]}, which float16 cannot`, {
      hint: 'leave the variant fp16 out',
    });
  }
  return halves;
}

function toBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
