import type { ServerResponse } from 'node:http';
import type { Exchange } from './exchange.ts';
import { HttpError } from './http-error.ts';

type Headers = Readonly<Record<string, string | number>>;

export function sendJson(response: ServerResponse, body: unknown, status = 200, headers: Headers = {}): void {
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(body), headers);
}

export function sendText(response: ServerResponse, text: string, status = 200, headers: Headers = {}): void {
  send(response, status, 'text/plain; charset=utf-8', text, headers);
}

export function sendBytes(response: ServerResponse, bytes: Uint8Array): void {
  send(response, 200, 'application/octet-stream', bytes, {});
}

export function sendHtml(response: ServerResponse, html: string, status = 200): void {
  // Repositories are other people's text: whatever slips through escaping must neither run nor load anything.
  send(response, status, 'text/html; charset=utf-8', html, {
    'Content-Security-Policy':
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
  });
}

export function redirect(
  response: ServerResponse,
  status: 302 | 307,
  to: string,
  headers: Headers = {},
): void {
  sendText(response, `Redirecting to ${to}`, status, { Location: to, ...headers });
}

/**
 * Answers a refused request as the Hub does: `{error}` for the API, plain text for files, and for both the
 * code and the message in headers. An error of ours is a 500 that says nothing about this machine.
 */
export function sendError(response: ServerResponse, path: string, error: unknown): void {
  const known =
    error instanceof HttpError ? error : new HttpError(500, 'Internal Error - the Hub could not do this');
  const headers = {
    ...known.headers,
    ...(known.code === undefined ? {} : { 'X-Error-Code': known.code }),
    ...(known.status < 400 ? {} : { 'X-Error-Message': known.message.replace(/[^\x20-\x7e]/g, '?') }),
    ...(known.status === 401
      ? { 'WWW-Authenticate': 'Bearer realm="Authentication required", charset="UTF-8"' }
      : {}),
  };
  // git-lfs prints `message`, everybody else `error`.
  const isLfs = path.includes('.git/info/lfs/');
  if (isLfs) sendJson(response, { ...known.body, message: known.message }, known.status, headers);
  else if (/^\/(api|xet-cas)\//.test(path)) sendJson(response, known.body, known.status, headers);
  else sendText(response, known.message, known.status, headers);
}

/** A `Link` header to the next page: this request's URL with another value for one parameter. */
export function linkNext(exchange: Exchange, name: string, value: string): Headers {
  const query = new URLSearchParams(exchange.query);
  query.set(name, value);
  return { Link: `<${exchange.origin}${exchange.path}?${query}>; rel="next"` };
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
  headers: Headers,
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(body);
}
