import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { sendError } from './answer.ts';
import type { Authenticate } from './auth.ts';
import type { HubState } from './exchange.ts';
import { type FaultPlan, sufferFault } from './faults.ts';
import { HttpError } from './http-error.ts';
import { isLoopback } from './loopback.ts';
import { type CountRequest, findBucket } from './rate-limit.ts';
import { findRoute } from './router.ts';
import { ROUTES } from './routes.ts';

/** One answered request, fit for a log: no token and no signature is in it. */
export interface RequestLine {
  readonly method: string;
  readonly path: string;
  /** What was answered; 499 where the connection was cut before the answer was out, as nginx has it. */
  readonly status: number;
  /** What went wrong inside, where the status is 500 or the connection was cut; the client is not told. */
  readonly error?: unknown;
}

// A large upload may take hours, so there is no limit on a request; a silent connection is cut.
const IDLE_MS = 120_000;
// How long a refused client may go on sending, to no avail. Cutting it off at once could lose the answer.
const DRAIN_MS = 60_000;
// A status that no server sends: it stands in logs for an answer that nobody waited for.
const CUT_OFF = 499;
// Storage is open to whoever has a signed URL, or a token of its own.
const OWN_CREDENTIALS = /^\/(lfs-storage|xet-storage|xet-cas)\//;

export interface ServerOptions {
  readonly hub: HubState;
  readonly authenticate: Authenticate;
  /** The address that the server listens on. */
  readonly host: string;
  /** Undefined lets callers send as much as they like. */
  readonly countRequest: CountRequest | undefined;
  readonly onRequest: ((line: RequestLine) => void) | undefined;
  readonly faults: FaultPlan | undefined;
}

export function createHubServer(options: ServerOptions): Server {
  const server = createServer((request, response) => {
    void answer(options, request, response);
  });
  server.requestTimeout = 0;
  server.timeout = IDLE_MS;
  // Node's 5 seconds would cut clients that take up a connection again just then.
  server.keepAliveTimeout = IDLE_MS;
  return server;
}

async function answer(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { hub, authenticate, countRequest, onRequest, faults } = options;
  const [path = '/', search = ''] = splitOnce(request.url ?? '/', '?');
  const method = request.method ?? 'GET';
  response.setHeader('X-Request-Id', randomUUID());
  let failure: { error: unknown } | undefined;
  response.on('close', () => {
    const status = response.writableFinished ? response.statusCode : CUT_OFF;
    const line = { method, path: redact(request.url ?? '/', hub.secrets), status };
    onRequest?.({ ...line, ...failure });
    if (request.complete) return;
    request.resume();
    setTimeout(() => request.complete || request.destroy(), DRAIN_MS).unref();
  });
  try {
    const origin = `http://${checkHost(request.headers.host, options.host)}`;
    const query = new URLSearchParams(search);
    const match = findRoute(ROUTES, method, path);
    if (match === undefined) throw new HttpError(404, "Sorry, we can't find the page you are looking for.");
    await sufferFault(faults?.take(match.step), request, response, async (target) => {
      const viewer = OWN_CREDENTIALS.test(path) ? undefined : authenticate(request.headers.authorization);
      const bucket = findBucket(match.step, path);
      if (countRequest !== undefined && bucket !== undefined) {
        const left = countRequest(bucket, { viewer, address: request.socket.remoteAddress });
        for (const [name, value] of Object.entries(left)) target.setHeader(name, value);
      }
      const { params } = match;
      await match.handler({ request, response: target, path, params, query, origin, viewer, hub });
    });
  } catch (error) {
    if (!(error instanceof HttpError)) failure = { error };
    // Once a file is on its way its headers are gone: cutting the connection is the only way to say "failed".
    if (response.headersSent) response.destroy();
    else sendError(response, path, error);
  }
}

/**
 * The Host header, for the URLs in answers. On a loopback address only loopback names pass: otherwise a web
 * page could point its own domain here and read this Hub through the browser that shows it.
 */
function checkHost(header: string | undefined, bound: string): string {
  const host = header ?? '';
  const [, name = ''] = /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?$/.exec(host) ?? [];
  if (name === '') throw new HttpError(400, 'The Host header is missing or not a host');
  if (isLoopback(bound) && !isLoopback(name)) {
    throw new HttpError(421, 'This Hub answers to localhost only');
  }
  return host;
}

function redact(url: string, secrets: readonly Buffer[]): string {
  const hidden = url.replace(/([?&](?:signature|token|access_token)=)[^&]*/gi, '$1[redacted]');
  return secrets.reduce((text, secret) => text.replaceAll(secret.toString(), '[redacted]'), hidden);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
