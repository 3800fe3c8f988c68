import { open } from 'node:fs/promises';
import { DTYPE_BYTES, type Dtype } from './safetensors.ts';

/** One tensor to be written: its bytes, at once or in pieces. */
export interface TensorSource {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Length of `data`. */
  readonly bytes: number;
  readonly data: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/**
 * Writes a safetensors file, in memory that does not grow with the tensors. Wide types come first, so that each tensor
 * lies at a multiple of its element's size.
 *
 * @param path must not exist yet
 */
export async function writeSafetensors(path: string, tensors: readonly TensorSource[]): Promise<void> {
  const sorted = tensors.toSorted(
    (a, b) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype] || (a.name < b.name ? -1 : 1),
  );
  let end = 0;
  const entries = sorted.map(({ name, dtype, shape, bytes }) => {
    const begin = end;
    end += bytes;
    return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
  });
  const json = JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) });
  const bare = Buffer.from(json);
  const header = Buffer.concat([bare, Buffer.alloc((8 - (bare.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = await open(path, 'wx');
  try {
    await file.writeFile(Buffer.concat([length, header]));
    for (const { data } of sorted) {
      for await (const piece of data) await file.writeFile(piece);
    }
  } finally {
    await file.close();
  }
}
