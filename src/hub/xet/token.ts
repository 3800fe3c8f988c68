import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { HttpError } from '../http-error.ts';
import { SIGNED_URL_SECONDS } from '../limits.ts';

/** What a token for the content store is good for: one repository, to read or to write also. */
export interface XetGrant {
  readonly namespace: string;
  readonly name: string;
  readonly scope: 'read' | 'write';
}

/** Short-lived tokens for the content store. The key is new at every start, so a restart revokes them all. */
export interface XetTokens {
  /** `expires` is in Unix seconds. */
  issue(grant: XetGrant): { token: string; expires: number };
  /** Throws 401 unless the Authorization header carries a token that is valid still, 403 when its scope is too narrow. */
  check(authorization: string | undefined, scope: XetGrant['scope']): XetGrant;
}

export function createXetTokens(now: () => number = Date.now): XetTokens {
  const key = randomBytes(32);
  const sign = (text: string) => createHmac('sha256', key).update(text).digest();
  return {
    issue(grant) {
      const expires = Math.floor(now() / 1000) + SIGNED_URL_SECONDS;
      const text = Buffer.from(JSON.stringify({ ...grant, expires })).toString('base64url');
      return { token: `xet_${text}.${sign(text).toString('base64url')}`, expires };
    },
    check(authorization, scope) {
      const [, text = '', signature = ''] =
        /^Bearer xet_([\w-]+)\.([\w-]+)$/i.exec(authorization ?? '') ?? [];
      const given = Buffer.from(signature, 'base64url');
      const right = sign(text);
      if (given.length !== right.length || !timingSafeEqual(given, right)) {
        throw new HttpError(401, 'Unauthorized: no valid token for the content store');
      }
      const grant = JSON.parse(Buffer.from(text, 'base64url').toString()) as XetGrant & { expires: number };
      if (now() / 1000 > grant.expires) throw new HttpError(401, 'Unauthorized: the token has expired');
      if (scope === 'write' && grant.scope !== 'write') {
        throw new HttpError(403, 'Forbidden: the token can only read');
      }
      return grant;
    },
  };
}
