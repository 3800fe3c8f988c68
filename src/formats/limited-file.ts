import { readFile, stat } from 'node:fs/promises';
import { HubwrightError } from '../errors.ts';
import { unreadableFile } from './unreadable-file.ts';

/** Texts of a repository have kilobytes; a tokenizer has some megabytes. */
export const MAX_TEXT_BYTES = 64 * 1024 * 1024;

/**
 * Reads a whole file that has no reason to be large, after looking at its size.
 *
 * @throws HubwrightError INPUT_MISSING, or INPUT_INVALID when it has more than `maxBytes`
 */
export async function readLimited(path: string, maxBytes = MAX_TEXT_BYTES): Promise<Buffer> {
  const fail = (cause: unknown) => {
    throw unreadableFile(path, cause);
  };
  const { size } = await stat(path).catch(fail);
  if (size > maxBytes) {
    throw new HubwrightError('INPUT_INVALID', `${path} has ${size} bytes; at most ${maxBytes} are read`, {
      hint: 'look what was written there: no such file of a model is so large',
    });
  }
  return readFile(path).catch(fail);
}

/** `readLimited`, as UTF-8 text. */
export async function readLimitedText(path: string, maxBytes = MAX_TEXT_BYTES): Promise<string> {
  return (await readLimited(path, maxBytes)).toString('utf8');
}
