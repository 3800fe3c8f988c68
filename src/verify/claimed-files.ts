import { isBundle, type Lock, readLock } from '../bundle.ts';
import { readReport } from '../verification.ts';

/** What the bundle says it holds: its lock, or in a copy downloaded from the Hub the report that came with it. */
export async function readClaimedFiles(dir: string): Promise<Lock> {
  if (isBundle(dir)) return readLock(dir);
  const report = await readReport(dir);
  if (report === undefined) return readLock(dir);
  return { version: 1, rootDigest: report.rootDigest, files: report.files };
}
