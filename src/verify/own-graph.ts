import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { ONNX_FILE } from '../export/index.ts';
import type { TensorEntry } from '../formats/safetensors.ts';
import { WEIGHTS_FILE, type Weights } from '../formats/weights.ts';
import { type TensorProto, TensorProtoSchema } from '../graph/generated/onnx_pb.ts';
import { isWeightType, toExternalTensor } from '../graph/graph.ts';
import { listTensors } from '../graph/stored-tensors.ts';
import { FLOAT_TYPES, openWeightReader, type WeightRows } from '../graph/tensor-reader.ts';
import { readOnnx } from './onnx-files.ts';

/** Into how many parts of equal rows a joined weight may be cut. */
const PARTS = [1, 2, 3];

export interface WeightComparison {
  /** Names of the checkpoint's tensors whose values are nowhere in the graph. */
  readonly missing: readonly string[];
  /** How many tensors were looked for: all of floating point. */
  readonly compared: number;
}

/**
 * Looks for each tensor of a checkpoint in model.onnx, by its values as float32: exporters rename tensors, and store
 * the weights of linear layers transposed. One tensor is in memory at a time.
 *
 * @throws HubwrightError INPUT_INVALID for a file that ends inside a tensor.
 */
export async function compareWeights(dir: string, { tensors }: Weights): Promise<WeightComparison> {
  const reader = openWeightReader(dir);
  try {
    const held = new Set<string>();
    for (const tensor of listTensors(await readOnnx(dir, ONNX_FILE))) {
      if (FLOAT_TYPES.includes(tensor.dataType)) held.add(digest(await readAll(await reader.open(tensor))));
    }
    const wanted = [...tensors.values()].filter(({ dtype }) => isWeightType(dtype));
    const missing: string[] = [];
    for (const entry of wanted) {
      const weight = await reader.open(pointAt(entry));
      if (!isHeld(weight, await readAll(weight), held)) missing.push(entry.name);
    }
    return { missing, compared: wanted.length };
  } finally {
    await reader.close();
  }
}

function pointAt(entry: TensorEntry): TensorProto {
  const { name, file = WEIGHTS_FILE, offset, shape } = entry;
  return create(TensorProtoSchema, toExternalTensor(name, entry, file, offset, shape));
}

function readAll(weight: WeightRows): Promise<Float32Array> {
  return weight.read(0, weight.rows);
}

/** Whether a tensor is there: whole, or as the parts that a joined weight (query, key, value; gate, up) is cut into. */
function isHeld({ dims, rows, width }: WeightRows, values: Float32Array, held: ReadonlySet<string>): boolean {
  const isPartHeld = (part: Float32Array) =>
    held.has(digest(part)) ||
    (dims.length === 2 && held.has(digest(transpose(part, part.length / width, width))));
  return PARTS.filter((count) => rows % count === 0).some((count) => {
    const size = (rows / count) * width;
    return Array.from({ length: count }, (_, i) => values.subarray(i * size, (i + 1) * size)).every(
      isPartHeld,
    );
  });
}

function digest(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}

function transpose(values: Float32Array, rows: number, width: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < width; column += 1)
      turned[column * rows + row] = values[row * width + column] ?? 0;
  return turned;
}
