import type { Viewer } from './auth.ts';
import { HttpError } from './http-error.ts';
import type { Step } from './router.ts';
import { createWindows } from './windows.ts';

/** The kinds of requests that are counted apart, by the names that the Hub gives them in its headers. */
export type RateBucket = 'api' | 'resolvers' | 'pages';

/** How many requests of each kind a caller may send in a window. */
export type Quotas = Readonly<Record<RateBucket, number>>;

export interface RateLimits {
  /** Length of a window, which begins with a caller's first request. */
  readonly windowSeconds: number;
  readonly withToken: Quotas;
  /** For all that come from one address without a token. */
  readonly anonymous: Quotas;
  /** Commits to one repository. */
  readonly commitsPerHour: number;
}

/** The Hub's own, for free accounts. https://huggingface.co/docs/hub/rate-limits; of commits it tells in its refusals. */
export const RATE_LIMITS: RateLimits = {
  windowSeconds: 300,
  withToken: { api: 1000, resolvers: 5000, pages: 200 },
  anonymous: { api: 500, resolvers: 3000, pages: 100 },
  commitsPerHour: 128,
};

/** Who sends a request: the holder of a token, or an address. */
export interface Caller {
  readonly viewer: Viewer | undefined;
  readonly address: string | undefined;
}

/** Counts a request and returns the headers that say what is left. Throws 429, with the same headers, when nothing was. */
export type CountRequest = (bucket: RateBucket, caller: Caller) => Readonly<Record<string, string>>;

/**
 * Counts requests in fixed windows, one for each caller and kind.
 *
 * @param now seconds of a clock that never goes back
 */
export function createRateLimiter(
  { windowSeconds, withToken, anonymous }: RateLimits,
  now?: () => number,
): CountRequest {
  const count = createWindows(windowSeconds, now);
  return (bucket, { viewer, address }) => {
    const quota = (viewer === undefined ? anonymous : withToken)[bucket];
    const { used, endsIn } = count(`${bucket} ${viewer === undefined ? address : `of ${viewer.user}`}`);
    // draft-ietf-httpapi-ratelimit-headers-09. As on the Hub there is no Retry-After.
    const headers = {
      RateLimit: `"${bucket}";r=${Math.max(0, quota - used)};t=${Math.ceil(endsIn)}`,
      'RateLimit-Policy': `"fixed window";"${bucket}";q=${quota};w=${windowSeconds}`,
    };
    if (used <= quota) return headers;
    const message = `You have reached your rate limit: ${quota} requests in ${windowSeconds} seconds`;
    throw new HttpError(429, message, { headers });
  };
}

/** Storage is another host on the real Hub, with signed URLs or tokens of its own, and is not counted. */
const STORAGE: ReadonlySet<Step> = new Set([
  'lfs-put',
  'lfs-get',
  'lfs-complete',
  'xorb-put',
  'xorb-get',
  'shard-put',
  'chunk-query',
  'reconstruction',
  'chunk-hashes',
]);

/** Which quota a request counts against; undefined where it counts against none. */
export function findBucket(step: Step, path: string): RateBucket | undefined {
  if (STORAGE.has(step)) return undefined;
  if (step === 'resolve') return 'resolvers';
  return path.startsWith('/api/') || step === 'lfs-batch' || step === 'lfs-verify' ? 'api' : 'pages';
}
