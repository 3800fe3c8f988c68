import { findHubUrl } from '../publish/hub-url.ts';
import { obtainToken } from '../publish/oidc.ts';
import { findProxyFetch } from '../publish/proxy.ts';
import type { Context } from './context.ts';

/** A Hub, and what this process may use to talk to it. */
export interface HubAccess {
  readonly hubUrl: string;
  readonly accessToken: string;
  readonly fetch: typeof fetch | undefined;
}

/** Finds the Hub and a token for it, and says where the token is from. */
export async function openHub({ onProgress, signal }: Context): Promise<HubAccess> {
  const hubUrl = findHubUrl(process.env);
  const fetch = await findProxyFetch(process.env);
  const { token, source } = await obtainToken(process.env, { hubUrl, fetch, onProgress, signal });
  onProgress({ kind: 'note', message: `token from ${source}` });
  return { hubUrl, accessToken: token, fetch };
}
