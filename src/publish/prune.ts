import { REPORT_FILE } from '../bundle.ts';
import type { VerificationReport } from '../verification.ts';
import type { RemoteFile } from './remote-state.ts';

/** Which files that are not in the bundle a publish deletes: those that an earlier publish put there, or all. */
export type Prune = 'published' | 'all';

/** The Hub's own, and what says which files Git leaves out. */
const NEVER = /(^|\/)\.git(attributes|ignore)$/;

/**
 * The paths to delete, each with why. Without `prune` none; with `published` those that the report on the Hub names as
 * files of its publish, so that nobody else's are touched.
 */
export function chooseStale(
  others: readonly RemoteFile[],
  report: VerificationReport | undefined,
  prune: Prune | undefined,
): Map<string, string> {
  if (prune === undefined) return new Map();
  const known = new Set([REPORT_FILE, ...(report?.files ?? []).map(({ path }) => path)]);
  const reason = prune === 'all' ? 'the bundle does not have it' : 'an earlier publish sent it';
  const chosen = others
    .map(({ path }) => path)
    .filter((path) => !NEVER.test(path) && (prune === 'all' || (report !== undefined && known.has(path))));
  return new Map(chosen.map((path) => [path, reason]));
}
