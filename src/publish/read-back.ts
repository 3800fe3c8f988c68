import type { LockedFile } from '../bundle.ts';
import { hashForComparison, holdsSameBytes, type RemoteFile } from './remote-state.ts';

/** The Hub may write this one itself, when a new kind of large file arrives. */
const WRITTEN_BY_HUB = '.gitattributes';

/**
 * Compares a listing with what should be there, byte for byte by their hashes. Returns one line a fault, in path
 * order; none means that the Hub has exactly these files.
 *
 * @param files what must be there with these bytes
 * @param others paths that may be there besides, whatever they hold
 */
export async function findMismatches(
  dir: string,
  files: readonly LockedFile[],
  tree: readonly RemoteFile[],
  others: Iterable<string>,
): Promise<string[]> {
  const oids = await hashForComparison(dir, files, tree);
  const left = new Map(tree.map((file) => [file.path, file]));
  const faults: string[] = [];
  for (const file of files) {
    const there = left.get(file.path);
    left.delete(file.path);
    if (there === undefined) faults.push(`${file.path} (missing)`);
    else if (!holdsSameBytes(file, there, oids)) faults.push(`${file.path} (other bytes)`);
  }
  for (const path of [WRITTEN_BY_HUB, ...others]) left.delete(path);
  return [...faults, ...[...left.keys()].map((path) => `${path} (unexpected)`)].sort();
}
