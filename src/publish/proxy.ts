import { HubwrightError } from '../errors.ts';
import type { Environment } from './token.ts';

/**
 * A `fetch` that goes through the proxies which the environment names: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
 * `NO_PROXY`, in either case, as curl has them. Undefined where it names none; Node's own fetch knows of none.
 *
 * @throws HubwrightError USAGE for an address that is none
 */
export async function findProxyFetch(env: Environment): Promise<typeof fetch | undefined> {
  const read = (name: string): string | undefined =>
    checkProxy(name.toLowerCase(), env[name.toLowerCase()]) ?? checkProxy(name, env[name]);
  const every = read('ALL_PROXY');
  // As curl: the upper-case HTTP_PROXY can be set by a web server from a request's header, and counts last.
  const httpProxy = read('HTTP_PROXY') ?? every;
  const httpsProxy = read('HTTPS_PROXY') ?? every;
  if (httpProxy === undefined && httpsProxy === undefined) return undefined;
  const { EnvHttpProxyAgent, fetch: send } = await import('undici');
  const noProxy = env.no_proxy || env.NO_PROXY || '';
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy,
  });
  const through = (input: string, init: object) => send(input, { ...init, dispatcher });
  return through as unknown as typeof fetch;
}

/** A proxy's address, with `http://` where curl too takes that for granted. What cannot be one is named by its variable. */
function checkProxy(name: string, value: string | undefined): string | undefined {
  if (!value) return undefined;
  const address = value.includes('://') ? value : `http://${value}`;
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  // Not repeated: it may hold a password.
  throw new HubwrightError('USAGE', `${name} is not the address of an http proxy`, {
    hint: `set ${name} as in http://proxy.example:3128, or unset it`,
  });
}
