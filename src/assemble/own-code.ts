import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HubwrightError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../formats/json.ts';

/** `modeling_x.ClassName`, as auto_map writes it. One with `owner/name--` before it lies in another repository. */
const REFERENCE = /^([A-Za-z_]\w*)\.[A-Za-z_]\w*$/;
const RELATIVE_IMPORT = /^\s*from\s+\.([A-Za-z_]\w*)\s+import\b/gm;

/**
 * Copies the code that `auto_map` of config.json names, and what it imports from beside it, as transformers follows it.
 *
 * @throws HubwrightError INPUT_MISSING naming the file that is not there.
 */
export async function copyOwnCode(
  modelDir: string,
  dir: string,
  { auto_map: map }: JsonObject,
): Promise<void> {
  if (!isJsonObject(map)) return;
  const wanted = Object.values(map).flatMap((target) => REFERENCE.exec(String(target))?.[1] ?? []);
  const seen = new Set<string>();
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const file = `${name}.py`;
    const code = await readFile(join(modelDir, file), 'utf8').catch((cause: unknown) => {
      throw new HubwrightError(
        'INPUT_MISSING',
        `auto_map in config.json needs ${file}, which is not in ${modelDir}`,
        {
          hint: `copy it there; model.save_pretrained writes it where the model was loaded with its code`,
          cause,
        },
      );
    });
    await copyFile(join(modelDir, file), join(dir, file));
    wanted.push(...[...code.matchAll(RELATIVE_IMPORT)].map(([, imported]) => imported ?? ''));
  }
}
