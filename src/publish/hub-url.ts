import { HubwrightError } from '../errors.ts';
import type { Environment } from './token.ts';

export const DEFAULT_HUB_URL = 'https://huggingface.co';

/** What huggingface_hub takes for "yes" in an environment variable. */
const YES = /^(1|on|yes|true)$/i;

/**
 * The Hub that the environment names: `HF_ENDPOINT`, or the public one.
 *
 * @throws HubwrightError HUB_UNREACHABLE when the environment forbids going online, USAGE when the endpoint is no URL.
 */
export function findHubUrl(env: Environment): string {
  for (const name of ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE']) {
    if (!YES.test(env[name]?.trim() ?? '')) continue;
    throw new HubwrightError('HUB_UNREACHABLE', `${name} is set, and publishing needs the Hub`, {
      hint: `unset ${name}`,
    });
  }
  return checkHubUrl(env.HF_ENDPOINT?.trim() || DEFAULT_HUB_URL);
}

/** Whether the environment forbids Xet, by huggingface_hub's own variable. */
export function isXetDisabled(env: Environment): boolean {
  return YES.test(env.HF_HUB_DISABLE_XET?.trim() ?? '');
}

/**
 * An http(s) address without its trailing slash. Passwords in it are refused without being repeated.
 *
 * @throws HubwrightError USAGE
 */
export function checkHubUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new HubwrightError('USAGE', "the Hub's address is not an http or https URL", {
      hint: `${DEFAULT_HUB_URL} is the public Hub's`,
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new HubwrightError('USAGE', `the address of ${url.host} holds a password`, {
      hint: 'take it out: the token alone says who you are',
    });
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
