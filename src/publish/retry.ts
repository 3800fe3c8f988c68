import { setTimeout as wait } from 'node:timers/promises';
import { HubwrightError } from '../errors.ts';
import { backOff, PATIENCE, type Patience, type PatientOptions } from './patience.ts';
import { type Alive, limitStall, readWhole } from './stall.ts';

/** Statuses of a server that is busy or restarting. */
export const PASSING: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

export interface Sending {
  /** @default 'GET' */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for every try. `alive` is to be called whenever bytes have moved. */
  readonly body?: (alive: Alive) => NonNullable<RequestInit['body']>;
  /** Whether it may be sent again after a failure that leaves open whether it was heard. @default true but for POST */
  readonly repeatable?: boolean;
  /** Replaces the patience's `stallMs`. */
  readonly stallMs?: number;
  /** Leaves the answer's body unread, to be streamed. @default false */
  readonly streamed?: boolean;
}

export type Send = (url: string, request?: Sending) => Promise<Response>;

/**
 * Makes `fetch` patient: what may be repeated is repeated, with growing waits, when the network fails, nothing moves any
 * more or the server is busy. `Retry-After` and the Hub's `RateLimit` header are obeyed. What is not repeatable, a
 * commit above all, is sent once; only a 429, which says that nothing was done, makes it wait as well.
 */
export function createSender(base: typeof fetch, options: PatientOptions): Send {
  const patience = { ...PATIENCE, ...options.patience };
  let budget = patience.budgetMs;
  return async (url, request = {}) => {
    const method = (request.method ?? 'GET').toUpperCase();
    const repeatable = request.repeatable ?? method !== 'POST';
    for (let tries = 1; ; tries += 1) {
      options.signal?.throwIfAborted();
      const outcome = await attempt(() => sendOnce(base, url, method, request, patience, options.signal));
      const passes = repeatable && 'response' in outcome && (await isLocked(outcome.response));
      const delay = passes ? backOff(tries, patience) : waitAfter(outcome, repeatable, tries, patience);
      const isLast = delay === undefined || tries >= patience.tries || delay > budget;
      if (isLast || options.signal?.aborted === true) {
        if ('error' in outcome) throw outcome.error;
        return outcome.response;
      }
      budget -= delay;
      // The query of an upload address is its signature: only the host is told.
      const reason = 'error' in outcome ? reasonOf(outcome.error) : `answered ${outcome.response.status}`;
      const seconds = Math.ceil(delay / 1000);
      const message = `${new URL(url).host} ${reason}; trying again in ${seconds} s (${tries} of ${patience.tries} tries)`;
      options.onProgress?.({ kind: 'note', message });
      if ('response' in outcome) await outcome.response.body?.cancel().catch(() => undefined);
      await wait(delay, undefined, options.signal === undefined ? {} : { signal: options.signal });
    }
  };
}

function sendOnce(
  base: typeof fetch,
  url: string,
  method: string,
  request: Sending,
  patience: Patience,
  outer: AbortSignal | undefined,
): Promise<Response> {
  return limitStall(request.stallMs ?? patience.stallMs, outer, async (signal, alive) => {
    const body = request.body?.(alive);
    const response = await base(url, {
      method,
      headers: { ...request.headers },
      ...(body === undefined ? {} : { body }),
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
      signal,
    } as RequestInit);
    alive();
    // Read here, so that a body that is cut off or stalls is a failure of this try.
    return request.streamed === true && response.ok ? response : readWhole(response, alive);
  });
}

type Outcome = { readonly response: Response } | { readonly error: unknown };

async function attempt(send: () => Promise<Response>): Promise<Outcome> {
  try {
    return { response: await send() };
  } catch (error) {
    return { error };
  }
}

/** A 409 because others are at work passes; one because something is there already does not. */
async function isLocked(response: Response): Promise<boolean> {
  return response.status === 409 && /in progress/i.test(await response.clone().text());
}

function reasonOf(error: unknown): string {
  return error instanceof Error && error.name === 'StallError' ? error.message : 'did not answer';
}

/** Milliseconds to wait before the next try, or undefined when the outcome is final. */
function waitAfter(
  outcome: Outcome,
  repeatable: boolean,
  tries: number,
  patience: Patience,
): number | undefined {
  const usual = backOff(tries, patience);
  if ('error' in outcome) return repeatable && !isFinal(outcome.error) ? usual : undefined;
  const { status, headers } = outcome.response;
  if (!PASSING.has(status) || !(repeatable || status === 429)) return undefined;
  const asked = askedWait(headers) ?? usual;
  return asked > patience.maxAskedWaitMs ? undefined : asked;
}

/** What says by itself that another try would fare no better, such as a proxy's refusal, and a file that changed. */
function isFinal(error: unknown): boolean {
  return error instanceof HubwrightError || isUnreadableFile(error);
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
