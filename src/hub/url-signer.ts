import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { HttpError } from './http-error.ts';
import { SIGNED_URL_SECONDS } from './limits.ts';

/**
 * Makes storage URLs that need no token, as the real Hub's S3 and CDN URLs: whoever holds one may use it
 * until it expires. The key is new at every start, so a restart revokes them all.
 */
export interface UrlSigner {
  /** `path?params&expires=…&signature=…` */
  sign(path: string, params: Readonly<Record<string, string>>): string;
  /** Throws 403 unless `query` carries a signature of exactly this path and these parameters. */
  check(path: string, query: URLSearchParams): void;
}

export function createUrlSigner(now: () => number = Date.now): UrlSigner {
  const key = randomBytes(32);
  const digest = (path: string, query: URLSearchParams) => {
    const signed = [...query].filter(([name]) => name !== 'signature').sort(([a], [b]) => (a < b ? -1 : 1));
    return createHmac('sha256', key)
      .update(JSON.stringify([path, signed]))
      .digest();
  };
  return {
    sign(path, params) {
      const expires = Math.floor(now() / 1000) + SIGNED_URL_SECONDS;
      const query = new URLSearchParams({ ...params, expires: String(expires) });
      query.set('signature', digest(path, query).toString('hex'));
      return `${path}?${query}`;
    },
    check(path, query) {
      const given = Buffer.from(query.get('signature') ?? '', 'hex');
      const right = digest(path, query);
      if (given.length !== right.length || !timingSafeEqual(given, right)) {
        throw new HttpError(403, 'The signature of this URL does not match');
      }
      if (now() / 1000 > Number(query.get('expires'))) throw new HttpError(403, 'Request has expired');
    },
  };
}
