import { inspect } from 'node:util';
import type { z } from 'zod';
import { HubwrightError } from '../errors.ts';
import { describeRefusal, describeSilence, readRefusal, stopIfAborted } from './hub-failure.ts';
import type { PatientOptions } from './patience.ts';
import { createSender, isUnreadableFile, type Sending } from './retry.ts';
import { findTokenKind } from './token.ts';

export interface HubOptions extends PatientOptions {
  readonly repo: string;
  readonly hubUrl: string;
  /** Left out, only what is public can be read. */
  readonly accessToken?: string | undefined;
  /** How to reach the network, such as through a proxy. @default the global fetch */
  readonly fetch?: typeof fetch | undefined;
}

export interface Question extends Sending {
  readonly json?: unknown;
  /** Leaves the token out: the address is signed, and storage refuses what comes with both. @default false */
  readonly anonymous?: boolean;
  /** Another server's token, in place of the Hub's. */
  readonly token?: string;
}

/** An answer that arrived, with its text free of the token. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly bytes: Buffer;
  /** The error that it stands for when it is not ok. */
  refusal(): HubwrightError;
}

/** As it was when this was loaded: a test or a tool may put another in its place. */
const NODE_FETCH = globalThis.fetch;

export type Connection = ReturnType<typeof openConnection>;

/**
 * The wire to one Hub. Every failure is a HubwrightError: HUB_REFUSED, HUB_CONFLICT, HUB_UNREACHABLE, NOT_VERIFIED or
 * ABORTED, with the Hub's own words and without the token.
 */
export function openConnection(options: HubOptions) {
  const { hubUrl, accessToken, signal } = options;
  const send = createSender(options.fetch ?? globalThis.fetch, options);
  const { origin, host } = new URL(hubUrl);

  /** A Hub may quote what it was sent, so the token is cut out of all that it says. */
  const redact = (text: string, other?: string): string =>
    [accessToken, other].reduce<string>(
      (shown, token) => (token === undefined || token === '' ? shown : shown.replaceAll(token, 'hf_…')),
      text,
    );

  /** The token is for the Hub alone, not for the storage that it sends uploads to. */
  const authorize = (url: string): Record<string, string> =>
    accessToken !== undefined && new URL(url).origin === origin
      ? { Authorization: `Bearer ${accessToken}` }
      : {};

  async function attempt<T>(doing: string, action: () => Promise<T>): Promise<T> {
    try {
      stopIfAborted(signal, doing);
      return await action();
    } catch (error) {
      stopIfAborted(signal, doing);
      throw translate(doing, error);
    }
  }

  function translate(doing: string, error: unknown): HubwrightError {
    if (error instanceof HubwrightError) return error;
    if (isUnreadableFile(error)) {
      return new HubwrightError('NOT_VERIFIED', 'a file of the bundle changed while it was being sent', {
        hint: 'assemble and verify again, then publish',
      });
    }
    const safe = accessToken === undefined || !inspect(error, { depth: null }).includes(accessToken);
    return describeSilence(doing, host, safe ? error : undefined);
  }

  /** Sends a request, with the token when it goes to the Hub itself, and returns whatever is answered. */
  function exchange(
    doing: string,
    url: string,
    { json, anonymous = false, token, ...sending }: Question = {},
  ): Promise<Answer> {
    return attempt(doing, async () => {
      const response = await send(url, {
        ...sending,
        headers: {
          ...(token !== undefined ? { Authorization: `Bearer ${token}` } : anonymous ? {} : authorize(url)),
          ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...sending.headers,
        },
        ...(json === undefined ? {} : { body: () => JSON.stringify(json) }),
      });
      const { ok, status, headers } = response;
      const bytes = Buffer.from(await response.arrayBuffer());
      const text = bytes.toString('utf8');
      return {
        ok,
        status,
        headers,
        bytes,
        text: redact(text, token),
        refusal: () => refuse(doing, response, text, token),
      };
    });
  }

  const refuse = (doing: string, response: Response, text: string, token?: string): HubwrightError => {
    const refusal = readRefusal(response, text, (words) => redact(words, token));
    return describeRefusal(doing, refusal, findTokenKind(accessToken));
  };

  return {
    hubUrl,
    /** Whether requests are sent by Node's own fetch, as far as this process lets it be. */
    ownFetch: (options.fetch ?? globalThis.fetch) === NODE_FETCH,
    attempt,
    exchange,

    /** A request's text; any refusal is an error. */
    ask: async (doing: string, url: string, question?: Question): Promise<string> => {
      const answer = await exchange(doing, url, question);
      if (!answer.ok) throw answer.refusal();
      return answer.text;
    },

    /** The answer to a request, in a known shape. */
    askFor: async <T>(
      shape: z.ZodType<T>,
      doing: string,
      url: string,
      question?: Question,
    ): Promise<{ value: T; headers: Headers }> => {
      const answer = await exchange(doing, url, question);
      if (!answer.ok) throw answer.refusal();
      const value = await attempt(doing, async () => shape.parse(JSON.parse(answer.text)));
      return { value, headers: answer.headers };
    },

    /** A file's bytes, as they come. Another host that the Hub redirects to is not shown the token. */
    open: (doing: string, url: string): Promise<ReadableStream<Uint8Array>> =>
      attempt(doing, async () => {
        const response = await send(url, { headers: authorize(url), streamed: true });
        if (!response.ok) throw refuse(doing, response, await response.text());
        return response.body ?? new ReadableStream({ start: (controller) => controller.close() });
      }),
  };
}
