import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { HubwrightError } from '../errors.ts';
import { decodeBfloat16, decodeFloat16 } from '../formats/half.ts';
import { unreadableFile } from '../formats/unreadable-file.ts';
import { type TensorProto, TensorProto_DataLocation, TensorProto_DataType } from './generated/onnx_pb.ts';

/** A weight as rows of float32, whatever the file stores. */
export interface WeightRows {
  readonly name: string;
  /** Sizes of all axes; a row is one entry of the first. */
  readonly dims: readonly number[];
  readonly rows: number;
  readonly width: number;
  /** Rows [begin, end), row-major. */
  read(begin: number, end: number): Promise<Float32Array>;
}

export interface WeightReader {
  /** The weight that a tensor of a graph holds, or points at. Its type is one of `FLOAT_TYPES`. */
  open(tensor: TensorProto): Promise<WeightRows>;
  close(): Promise<void>;
}

const DECODE = {
  [TensorProto_DataType.FLOAT16]: decodeFloat16,
  [TensorProto_DataType.BFLOAT16]: decodeBfloat16,
} as const;

export const FLOAT_TYPES: readonly number[] = [
  TensorProto_DataType.FLOAT,
  ...Object.keys(DECODE).map(Number),
];

/** Reads weights out of a graph and the files of a folder, each opened once. */
export function openWeightReader(dir: string): WeightReader {
  const files = new Map<string, FileHandle>();
  const openFile = async (name: string) => {
    const known = files.get(name);
    if (known !== undefined) return known;
    const file = await open(join(dir, name), 'r').catch((cause: unknown) => {
      throw unreadableFile(join(dir, name), cause);
    });
    files.set(name, file);
    return file;
  };
  return {
    async open(tensor) {
      const isInline = tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL;
      const readBytes = isInline ? readInline(tensor) : await readExternal(tensor, openFile);
      const dims = tensor.dims.map(Number);
      const [rows = 1, ...others] = dims;
      const width = others.reduce((product, dim) => product * dim, 1);
      const decode = DECODE[tensor.dataType as keyof typeof DECODE];
      const size = decode === undefined ? 4 : 2;
      return {
        name: tensor.name,
        dims,
        rows,
        width,
        async read(begin, end) {
          const bytes = await readBytes(begin * width * size, (end - begin) * width * size);
          if (decode === undefined) return new Float32Array(bytes.buffer);
          return Float32Array.from(new Uint16Array(bytes.buffer), decode);
        },
      };
    },
    async close() {
      for (const file of files.values()) await file.close();
    },
  };
}

/** Some bytes of a tensor's data, in a buffer of their own. */
type ReadBytes = (at: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;

async function readExternal(
  { name, externalData }: TensorProto,
  openFile: (location: string) => Promise<FileHandle>,
): Promise<ReadBytes> {
  const place = Object.fromEntries(externalData.map(({ key, value }) => [key, value]));
  const file = await openFile(place.location ?? '');
  return async (at, length) => {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await file.read(bytes, 0, length, Number(place.offset ?? 0) + at);
    if (bytesRead !== length) throw endsInside(name, place.location ?? '');
    return bytes;
  };
}

/** Data within the graph: raw bytes, or numbers of protobuf, in which halves take 32 bits each. */
function readInline({ name, dataType, rawData, floatData, int32Data }: TensorProto): ReadBytes {
  const numbers =
    dataType === TensorProto_DataType.FLOAT ? new Float32Array(floatData) : Uint16Array.from(int32Data);
  const data = rawData.length > 0 ? rawData : new Uint8Array(numbers.buffer);
  return async (at, length) => {
    if (at + length > data.length) throw endsInside(name, 'the graph');
    return Uint8Array.from(data.subarray(at, at + length));
  };
}

function endsInside(name: string, file: string): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `${file} ends inside tensor ${name}`);
}
