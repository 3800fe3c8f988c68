import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hashFile, type LockedFile } from '../bundle.ts';
import { recallHashAt } from '../formats/file-hash.ts';
import { evict, folderOf, keepText } from '../formats/hash-cache.ts';
import { readSafetensorsHeader } from '../formats/safetensors.ts';
import { type TensorFacts, watchTensors } from '../formats/tensor-scan.ts';

/** A file of weights: its hash, and what its tensors are like; no facts about one without a readable header. */
export interface WeightSurvey {
  readonly file: LockedFile;
  readonly facts: readonly TensorFacts[] | undefined;
}

const factsSchema = z.array(
  z.strictObject({
    name: z.string(),
    nonFinite: z.int().nonnegative(),
    firstNonFinite: z.int(),
    constant: z.boolean(),
  }),
);
const ENTRY = /^[0-9a-f]{64}\.facts\.json$/;

/**
 * Hashes a safetensors file and looks at every value of it, in one reading. With `cacheDir`, what an earlier run found
 * in a file of the same hash is taken from there, and an untouched file is not read at all.
 */
export async function surveyWeights(
  dir: string,
  path: string,
  cacheDir: string | undefined,
): Promise<WeightSurvey> {
  const header = await readSafetensorsHeader(join(dir, path)).catch(() => undefined);
  if (header === undefined) return { file: await hashFile(dir, path, { cacheDir }), facts: undefined };
  const known = await recallHashAt(join(dir, path), cacheDir);
  const recalled = known === undefined ? undefined : await recallFacts(cacheDir, known.sha256);
  if (known !== undefined && recalled !== undefined) return { file: { path, ...known }, facts: recalled };
  const { watch, facts } = watchTensors([...header.tensors.values()]);
  const file = await hashFile(dir, path, { cacheDir, watch });
  await keepFacts(cacheDir, file.sha256, facts());
  return { file, facts: facts() };
}

async function recallFacts(cacheDir: string | undefined, sha256: string): Promise<TensorFacts[] | undefined> {
  if (cacheDir === undefined) return undefined;
  const text = await readFile(placeOf(cacheDir, sha256), 'utf8').catch(() => '');
  try {
    return factsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function keepFacts(
  cacheDir: string | undefined,
  sha256: string,
  facts: readonly TensorFacts[],
): Promise<void> {
  if (cacheDir === undefined) return;
  await keepText(placeOf(cacheDir, sha256), JSON.stringify(facts));
  await evict(folderOf(cacheDir), ENTRY);
}

function placeOf(cacheDir: string, sha256: string): string {
  return join(folderOf(cacheDir), `${sha256}.facts.json`);
}
