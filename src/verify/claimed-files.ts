import { isBundle, type Lock, listBundleFiles, readLock } from '../bundle.ts';
import { readReport } from '../verification.ts';

/** What the bundle says it holds: its lock, or in a copy downloaded from the Hub the report that came with it. */
export async function readClaimedFiles(dir: string): Promise<Lock> {
  // A link in its place is refused before anything is read through it.
  if (isBundle(dir)) return listBundleFiles(dir).then(() => readLock(dir));
  const report = await readReport(dir);
  if (report === undefined) return readLock(dir);
  return { version: 1, rootDigest: report.rootDigest, files: report.files };
}
