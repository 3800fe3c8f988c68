import type { Environment } from './token.ts';

/**
 * A `fetch` that goes through the proxies which the environment names: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
 * `NO_PROXY`, in either case, as curl has them. Undefined where it names none; Node's own fetch knows of none.
 */
export async function findProxyFetch(env: Environment): Promise<typeof fetch | undefined> {
  const read = (name: string): string | undefined => env[name.toLowerCase()] || env[name] || undefined;
  const every = read('ALL_PROXY');
  // As curl: the upper-case HTTP_PROXY can be set by a web server from a request's header, and counts last.
  const httpProxy = read('HTTP_PROXY') ?? every;
  const httpsProxy = read('HTTPS_PROXY') ?? every;
  if (httpProxy === undefined && httpsProxy === undefined) return undefined;
  const { EnvHttpProxyAgent, fetch: send } = await import('undici');
  const noProxy = read('NO_PROXY') ?? '';
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy,
  });
  const through = (input: string, init: object) => send(input, { ...init, dispatcher });
  return through as unknown as typeof fetch;
}
