import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { HubwrightError } from '../errors.ts';
import { readJsonText } from '../formats/json.ts';

/** The text of a statement in a bundle; undefined where there is none. @throws HubwrightError INPUT_MISSING or INPUT_INVALID */
export async function readStatementFile(dir: string, file: string): Promise<string | undefined> {
  return readJsonText(join(dir, file)).catch((error: unknown) => {
    // One that is there and may not be read is no missing one.
    if (error instanceof HubwrightError && (error.cause as NodeJS.ErrnoException)?.code === 'ENOENT')
      return undefined;
    throw error;
  });
}

/** Writes a statement into a bundle, whole or not at all. @throws HubwrightError OUTPUT */
export async function writeStatementFile(dir: string, file: string, text: string): Promise<void> {
  await writeFileAtomic(join(dir, file), text).catch((cause: unknown) => {
    throw new HubwrightError('OUTPUT', `${join(dir, file)} cannot be written`, { cause });
  });
}
