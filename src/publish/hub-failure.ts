import { ZodError } from 'zod';
import { type ErrorCode, HubwrightError } from '../errors.ts';
import { showText } from '../formats/shown-text.ts';
import type { TokenKind } from './token.ts';

/** An answer that is a refusal, in the few words that help. */
export interface Refusal {
  readonly status: number;
  /** The Hub's own words. */
  readonly words: string;
  readonly requestId: string | undefined;
}

/** A proxy's error page can be long; a sentence of the Hub's is not. */
const MAX_WORDS = 500;

export const RUN_AGAIN = 'run the same command again; nothing is lost';

/**
 * The error for a refusal.
 *
 * @param doing what was tried, to follow "could not"
 * @param tokenKind what was asked with; without a token a 401 says that one is needed, not that it is wrong
 */
export function describeRefusal(
  doing: string,
  refusal: Refusal,
  tokenKind: TokenKind = 'made',
): HubwrightError {
  const { status } = refusal;
  return new HubwrightError(codeOf(status), tellRefusal(doing, 'the Hub', refusal), {
    hint: hintFor(status, tokenKind),
  });
}

/** The sentence for a refusal by `whom`. */
export function tellRefusal(doing: string, whom: string, { status, words, requestId }: Refusal): string {
  const quoted = words === '' ? '' : `: ${words}`;
  const request = requestId === undefined ? '' : ` (request ${requestId})`;
  return `could not ${doing}: ${whom} answered ${status}${quoted}${request}`;
}

/**
 * What a refused response says, in its headers and in its body.
 *
 * @param redact takes secrets out; it sees all words whole, before they are cut to what is shown
 */
export function readRefusal(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  text: string,
  redact: (words: string) => string = (words) => words,
): Refusal {
  const words = headers.get('X-Error-Message') ?? gatherWords(parseLoosely(text));
  const requestId = headers.get('X-Request-Id') ?? headers.get('X-Amzn-Trace-Id');
  return {
    status,
    words: tidy(redact(words)),
    requestId: requestId === null ? undefined : tidy(redact(requestId)),
  };
}

/** The sentence in an error body, in whichever of the Hub's shapes it comes. */
export function wordsOf(body: unknown): string {
  return tidy(gatherWords(body));
}

function gatherWords(body: unknown): string {
  if (typeof body === 'string') return body;
  if (Array.isArray(body)) return body.map(gatherWords).filter(Boolean).join('; ');
  if (typeof body !== 'object' || body === null) return '';
  const { error, errors, message, error_description: more } = body as Record<string, unknown>;
  return [error ?? errors ?? message, more].map(gatherWords).filter(Boolean).join(': ');
}

/**
 * The error for a request that got no answer, or one that cannot be understood.
 *
 * @param cause undefined when it must not be shown
 */
export function describeSilence(doing: string, host: string, cause: unknown): HubwrightError {
  const message = `could not ${doing}: no usable answer from ${host} (${tidy(reasonOf(cause))})`;
  return new HubwrightError('HUB_UNREACHABLE', message, {
    hint: `check the network and the Hub's address, then ${RUN_AGAIN}`,
    cause,
  });
}

/** @throws HubwrightError ABORTED when the signal has fired */
export function stopIfAborted(signal: AbortSignal | undefined, doing: string): void {
  if (signal?.aborted !== true) return;
  throw new HubwrightError('ABORTED', `stopped before it could ${doing}`, {
    hint: 'run the same command again: what has arrived is not sent twice',
  });
}

/** `fetch failed` hides the reason in its cause: ECONNREFUSED, ENOTFOUND, a certificate. */
function reasonOf(error: unknown): string {
  if (error instanceof ZodError) return 'its shape is not the one that was expected';
  if (!(error instanceof Error)) return 'no reason given';
  if (!(error.cause instanceof Error)) return error.message;
  // A DOMException's code is a number, and tells less than its message.
  const { code, message } = error.cause as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : message;
}

/** What a refusal with this status counts as. */
export function codeOf(status: number): ErrorCode {
  if (status === 409 || status === 412) return 'HUB_CONFLICT';
  return status >= 500 || status === 408 || status === 429 ? 'HUB_UNREACHABLE' : 'HUB_REFUSED';
}

function hintFor(status: number, tokenKind: TokenKind): string {
  // To a stranger the Hub says the same of what is private and of what is not there.
  if (status === 401 && tokenKind === 'none')
    return 'no usable token was found: set HF_TOKEN, or run hf auth login; if the model is public, check its name';
  if (status === 401 && tokenKind === 'exchanged')
    return 'the token of trusted publishing is valid for an hour: run the job again';
  if (status === 403 && tokenKind === 'exchanged')
    return 'the token of trusted publishing is for the repository in HF_OIDC_RESOURCE alone: name the one that is meant';
  if (status === 401)
    return 'the token is wrong or has expired: make one under Settings → Access Tokens and set HF_TOKEN';
  if (status === 403)
    return 'the token may not do this: make one with write access under Settings → Access Tokens';
  if (status === 409 || status === 412)
    return 'someone else wrote there meanwhile: run the same command again';
  if (status === 429) return `the Hub's quota is used up: wait, then ${RUN_AGAIN}`;
  return codeOf(status) === 'HUB_UNREACHABLE'
    ? RUN_AGAIN
    : "mend what the Hub's words name, then run the command again";
}

/** JSON where it is JSON, else the text itself. */
export function parseLoosely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** One line without control characters, which could repaint a terminal. */
function tidy(text: string): string {
  const line = showText(text.replace(/[\p{Cc}\s]+/gu, ' ').trim());
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}…` : line;
}
