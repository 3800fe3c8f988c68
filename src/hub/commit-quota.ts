import { HttpError } from './http-error.ts';
import { createWindows } from './windows.ts';

/** Counts a commit to a repository. Throws 429 when it is one too many. */
export type CountCommit = (repository: { readonly meta: { readonly _id: string } }) => void;

const HOUR = 3600;

/**
 * The quota of commits, which is apart from that of requests: its 429 comes with a `RateLimit` header that shows requests
 * left. A commit counts when it is asked for, whatever becomes of it. A repository that is renamed keeps its count.
 *
 * @param now seconds of a clock that never goes back
 */
export function createCommitQuota(commitsPerHour: number, now?: () => number): CountCommit {
  const count = createWindows(HOUR, now);
  return ({ meta }) => {
    const { used, endsIn } = count(meta._id);
    if (used <= commitsPerHour) return;
    throw new HttpError(
      429,
      `You have exceeded the rate limit for repository commits (${commitsPerHour} per hour). ` +
        `You can retry this action in ${spellMinutes(Math.round(endsIn / 60))}.`,
    );
  };
}

/** As the Hub words it. */
function spellMinutes(minutes: number): string {
  if (minutes < 1) return 'less than a minute';
  if (minutes === 1) return '1 minute';
  return minutes < 45 ? `${minutes} minutes` : 'about 1 hour';
}
