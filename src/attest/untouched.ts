import { hashBundle, type Lock, type LockedFile, listDifferences, readLock } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';

/**
 * A bundle's lock and its files, hashed again: nothing is stated about a bundle but what its lock lists.
 *
 * @param undone what the error says was not done, such as `nothing was signed`
 * @throws HubwrightError NOT_VERIFIED when a file was changed; INPUT_MISSING or INPUT_INVALID when the folder is no bundle
 */
export async function readUntouched(
  dir: string,
  undone: string,
): Promise<{ readonly lock: Lock; readonly files: LockedFile[] }> {
  const lock = await readLock(dir);
  const files = await hashBundle(dir);
  const [changed] = listDifferences(files, lock);
  if (changed === undefined) return { lock, files };
  throw new HubwrightError('NOT_VERIFIED', `${changed.path} is not as the lock records it: ${undone}`, {
    hint: `see what differs: hubwright verify ${dir} --only lock-intact`,
  });
}
