import { HubwrightError } from '../errors.ts';
import { PASSING } from './retry.ts';
import type { Environment } from './token.ts';

/** A proxy's address, which may hold a password, and the variable that it is from. */
interface Proxy {
  readonly variable: string;
  readonly address: string;
}

/**
 * A `fetch` that goes through the proxies which the environment names: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
 * `NO_PROXY`, in either case, as curl has them. Undefined where it names none; Node's own fetch knows of none.
 * It throws HubwrightError HUB_REFUSED where a proxy does not let a request through.
 *
 * @throws HubwrightError USAGE for an address that is none
 */
export async function findProxyFetch(env: Environment): Promise<typeof fetch | undefined> {
  const read = (name: string): Proxy | undefined =>
    checkProxy(name.toLowerCase(), env[name.toLowerCase()]) ?? checkProxy(name, env[name]);
  const every = read('ALL_PROXY');
  // As curl: the upper-case HTTP_PROXY can be set by a web server from a request's header, and counts last.
  const forHttp = read('HTTP_PROXY') ?? every;
  const forHttps = read('HTTPS_PROXY') ?? every ?? forHttp;
  if (forHttps === undefined) return undefined;
  const { EnvHttpProxyAgent, fetch: send } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: forHttp?.address ?? '',
    httpsProxy: forHttps.address,
    noProxy: env.no_proxy || env.NO_PROXY || '',
  });
  const through = (input: string, init: object) =>
    send(input, { ...init, dispatcher }).catch((error: unknown) => {
      const { protocol, hostname } = new URL(input);
      const proxy = protocol === 'https:' ? forHttps : forHttp;
      throw proxy === undefined ? error : explainFailure(proxy, hostname, error);
    });
  return through as unknown as typeof fetch;
}

/** A proxy's address, with `http://` where curl too takes that for granted. What cannot be one is named by its variable. */
function checkProxy(variable: string, value: string | undefined): Proxy | undefined {
  if (!value) return undefined;
  const address = value.includes('://') ? value : `http://${value}`;
  if (isProxyAddress(address)) return { variable, address };
  // Not repeated: it may hold a password.
  throw new HubwrightError('USAGE', `${variable} is not the address of an http proxy`, {
    hint: `set ${variable} as in http://proxy.example:3128, or unset it; in a password, ${ESCAPES}`,
  });
}

const ESCAPES = '@ is written %40, : %3A, / %2F and % %25';

function isProxyAddress(address: string): boolean {
  try {
    const { protocol, username, password } = new URL(address);
    decodeURIComponent(username + password);
    return /^https?:$/.test(protocol);
  } catch {
    return false;
  }
}

/** What a request failed for, where the proxy answered in the place of `target`; else the error as it is. */
function explainFailure({ variable, address }: Proxy, target: string, error: unknown): unknown {
  const status = findProxyStatus(error);
  if (status === undefined) return error;
  const { protocol, host, username, password } = new URL(address);
  if (PASSING.has(status)) return new Error(`the proxy ${host} answered ${status}`);
  if (status !== 407) {
    const message = `the proxy ${host} in ${variable} does not let requests through to ${target}: it answered ${status}`;
    return new HubwrightError('HUB_REFUSED', message, {
      hint: `ask whoever runs the proxy to allow ${target}, or add it to NO_PROXY where it is reached without one`,
    });
  }
  // Undici sends them only where there are both.
  const given = username !== '' && password !== '';
  const wish = given ? `refuses the user and password in ${variable}` : 'asks for a user and a password';
  return new HubwrightError('HUB_REFUSED', `the proxy ${host} ${wish}: it answered 407`, {
    hint: `set ${variable}=${protocol}//user:password@${host}; in the password, ${ESCAPES}`,
  });
}

/** The status with which a proxy refused a tunnel. Undici has it in a message alone, at the end of a chain of causes. */
function findProxyStatus(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const [, digits] = /^Proxy response \((\d{3})\)/.exec(error.message) ?? [];
  return digits === undefined ? findProxyStatus(error.cause) : Number(digits);
}
