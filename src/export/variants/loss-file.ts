import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { HubwrightError } from '../../errors.ts';
import { formatJson, parseJson } from '../../formats/json.ts';
import { describeFault } from '../../formats/schema-fault.ts';
import { unreadableFile } from '../../formats/unreadable-file.ts';
import { type VariantLoss, variantLossSchema } from './loss.ts';

/** What each variant loses against model.onnx on the test split, for people and for the card; verification measures it again. */
export const LOSS_FILE = 'onnx_variants.json';

const schema = z.strictObject({ version: z.literal(1), variants: z.array(variantLossSchema) });

/** Writes the file, or removes it when there is no variant. */
export async function writeLosses(dir: string, variants: readonly VariantLoss[]): Promise<void> {
  if (variants.length === 0) await rm(join(dir, LOSS_FILE), { force: true });
  else await writeFileAtomic(join(dir, LOSS_FILE), formatJson({ version: 1, variants }));
}

/** The recorded losses; none where there is no such file. @throws HubwrightError INPUT_INVALID */
export async function readLosses(dir: string): Promise<readonly VariantLoss[]> {
  const text = await readFile(join(dir, LOSS_FILE), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw unreadableFile(join(dir, LOSS_FILE), cause);
  });
  if (text === undefined) return [];
  const parsed = schema.safeParse(parseJson(text, LOSS_FILE));
  if (parsed.success) return parsed.data.variants;
  throw new HubwrightError('INPUT_INVALID', `${LOSS_FILE}: ${describeFault(parsed.error)}`, {
    hint: 'write it again: hubwright export <bundle>',
  });
}
