import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { HubwrightError } from '../errors.ts';
import { writeSafetensors } from '../formats/safetensors-writer.ts';
import { readStateDict } from '../formats/torch-state-dict.ts';

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
  await writeSafetensors(
    to,
    tensors.map(({ data, ...tensor }) => ({ ...tensor, bytes: data.length, data: [data] })),
  );
}
