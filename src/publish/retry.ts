import { setTimeout as wait } from 'node:timers/promises';
import type { StageOptions } from '../progress.ts';

const MAX_TRIES = 5;
const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 8_000;
/** The Hub's quotas count in windows of five minutes; whoever asks for more means an hourly one, and a person decides. */
const MAX_ASKED_WAIT_MS = 5 * 60_000;

/** Statuses of a server that is busy or restarting. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/** Requests that may be sent twice although they are POSTs: questions, and uploads that are named by their content. */
const REPEATABLE_POST =
  /(\/api\/validate-yaml|\/preupload\/[^/]+|\.git\/info\/lfs\/objects\/batch|\/v1\/xorbs\/[^/]+\/[^/]+|\/v1\/shards)$/;

/**
 * Wraps `fetch` so that what may be repeated is repeated, with growing waits, when the network fails or the server is
 * busy. `Retry-After` and the Hub's `RateLimit` header are obeyed. Anything else, a commit above all, is sent once;
 * only a 429, which says that nothing was done, makes it wait as well.
 */
export function retryFetch(base: typeof fetch, options: StageOptions): typeof fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const method = (init.method ?? 'GET').toUpperCase();
    const repeatable =
      /^(GET|HEAD|PUT)$/.test(method) || (method === 'POST' && REPEATABLE_POST.test(url.pathname));
    const signals = [options.signal, init.signal].filter((signal) => signal != null);
    const signal = signals.length === 0 ? null : AbortSignal.any(signals);
    for (let tries = 1; ; tries += 1) {
      signal?.throwIfAborted();
      const outcome = await attempt(() => base(input, { ...init, signal }));
      const delay = waitAfter(outcome, repeatable, tries);
      if (delay === undefined || tries === MAX_TRIES || signal?.aborted === true) {
        if ('error' in outcome) throw outcome.error;
        return outcome.response;
      }
      // The query of an upload address is its signature: only the host is told.
      const reason = 'error' in outcome ? 'did not answer' : `answered ${outcome.response.status}`;
      const message = `${url.host} ${reason}; trying again in ${Math.ceil(delay / 1000)} s (${tries} of ${MAX_TRIES} tries)`;
      options.onProgress?.({ kind: 'note', message });
      if ('response' in outcome) await outcome.response.body?.cancel();
      await wait(delay, undefined, signal === null ? {} : { signal });
    }
  };
}

type Outcome = { readonly response: Response } | { readonly error: unknown };

async function attempt(send: () => Promise<Response>): Promise<Outcome> {
  try {
    return { response: await send() };
  } catch (error) {
    return { error };
  }
}

/** Milliseconds to wait before the next try, or undefined when the outcome is final. */
function waitAfter(outcome: Outcome, repeatable: boolean, tries: number): number | undefined {
  const backOff = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), MAX_WAIT_MS);
  if ('error' in outcome) return repeatable && !isUnreadableFile(outcome.error) ? backOff : undefined;
  const { status, headers } = outcome.response;
  if (!PASSING.has(status) || !(repeatable || status === 429)) return undefined;
  const asked = askedWait(headers) ?? backOff;
  return asked > MAX_ASKED_WAIT_MS ? undefined : asked;
}

/** `Retry-After` is seconds or a date (RFC 9110, 10.2.3); `RateLimit: "api";r=0;t=55` has seconds until the window ends. */
function askedWait(headers: Headers): number | undefined {
  const window = /;\s*r=0\s*;\s*t=(\d+)/.exec(headers.get('RateLimit') ?? '')?.[1];
  if (window !== undefined) return (Number(window) + 1) * 1000;
  const after = headers.get('Retry-After')?.trim() ?? '';
  if (/^\d+$/.test(after)) return Number(after) * 1000;
  const date = Date.parse(after);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** A file that changed after it was opened for sending: another try would read other bytes than those of the lock. */
export function isUnreadableFile(error: unknown): boolean {
  const names = [error, (error as Error | undefined)?.cause].map((e) => (e as Error | undefined)?.name);
  return names.includes('NotReadableError');
}
