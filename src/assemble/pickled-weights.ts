import { open, readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { HubwrightError } from '../errors.ts';
import { DTYPE_BYTES } from '../formats/safetensors.ts';
import { readStateDict, type StateDictTensor } from '../formats/torch-state-dict.ts';

/** The archive is held in memory, and Node reads no larger file at once. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Writes the tensors of a `pytorch_model.bin` as a safetensors file, byte for byte.
 *
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID, or UNSUPPORTED for a file of more than 2 GiB.
 */
export async function writePickledWeights(from: string, to: string): Promise<void> {
  const missing = (cause: unknown) => {
    throw new HubwrightError('INPUT_MISSING', `${from} cannot be read`, { cause });
  };
  const { size } = await stat(from).catch(missing);
  if (size > MAX_BYTES) {
    throw new HubwrightError('UNSUPPORTED', `${from} has ${size} bytes; at most ${MAX_BYTES} are read`, {
      hint: 'in Python: safetensors.torch.save_file(model.state_dict(), "model.safetensors")',
    });
  }
  const tensors = await readStateDict(await readFile(from).catch(missing), basename(from));
  await writeSafetensors(to, tensors);
}

/** Wide types come first, so that each tensor lies at a multiple of its element's size. */
async function writeSafetensors(path: string, tensors: readonly StateDictTensor[]): Promise<void> {
  const sorted = tensors.toSorted(
    (a, b) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype] || (a.name < b.name ? -1 : 1),
  );
  let end = 0;
  const entries = sorted.map(({ name, dtype, shape, data }) => {
    const begin = end;
    end += data.length;
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
    for (const { data } of sorted) await file.writeFile(data);
  } finally {
    await file.close();
  }
}
