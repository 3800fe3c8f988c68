import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { HubwrightError } from '../../errors.ts';
import { decodeBfloat16, decodeFloat16 } from '../../formats/half.ts';
import { unreadableFile } from '../../formats/unreadable-file.ts';
import { type TensorProto, TensorProto_DataType } from '../../graph/generated/onnx_pb.ts';

/** A weight as rows of float32, whatever the checkpoint stores. */
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
  /** The weight that an initializer points at. */
  open(tensor: TensorProto): Promise<WeightRows>;
  close(): Promise<void>;
}

const DECODE = {
  [TensorProto_DataType.FLOAT16]: decodeFloat16,
  [TensorProto_DataType.BFLOAT16]: decodeBfloat16,
} as const;

/** Reads weights out of the files of a folder, each opened once. */
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
      const place = Object.fromEntries(tensor.externalData.map(({ key, value }) => [key, value]));
      const file = await openFile(place.location ?? '');
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
          const bytes = new Uint8Array((end - begin) * width * size);
          const at = Number(place.offset) + begin * width * size;
          const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
          if (bytesRead !== bytes.length) {
            throw new HubwrightError('INPUT_INVALID', `${place.location} ends inside tensor ${tensor.name}`);
          }
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
