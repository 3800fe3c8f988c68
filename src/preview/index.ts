import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isBundle } from '../bundle.ts';
import { CONFIG_FILE } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { isLoopback } from '../hub/loopback.ts';
import { Listeners } from './listeners.ts';
import { PAGES, renderFault } from './pages.ts';
import { sendFile } from './send-file.ts';
import { watchBundle } from './watch.ts';

/** Other machines never reach a preview: a bundle may hold what is not published yet. */
const HOST = '127.0.0.1';

export interface PreviewOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Told about each change that makes open pages load anew. */
  readonly onChange?: () => void;
}

export interface Preview {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves a bundle's card, files and report to browsers of this machine until it is closed. Nothing is written.
 *
 * @throws HubwrightError INPUT_MISSING when the folder is no bundle, USAGE when the port is taken.
 */
export async function startPreview(dir: string, { port, onChange }: PreviewOptions): Promise<Preview> {
  if (!isBundle(dir) && !existsSync(join(dir, CONFIG_FILE))) {
    throw new HubwrightError('INPUT_MISSING', `${dir} is not a bundle`, {
      hint: 'make one: hubwright assemble <run-dir> --out <bundle>',
    });
  }
  const listeners = new Listeners();
  const server = createServer((request, response) => {
    void answer(dir, listeners, request, response);
  });
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
  } catch (cause) {
    throw new HubwrightError('USAGE', `the preview cannot listen on port ${port} of ${HOST}`, {
      hint: 'choose another one with --port; 0 takes a free one',
      cause,
    });
  }
  const watch = await watchBundle(dir, () => {
    listeners.announceChange();
    onChange?.();
  });
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}/`,
    async close() {
      watch.close();
      listeners.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  dir: string,
  listeners: Listeners,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Referrer-Policy', 'no-referrer');
  // A page elsewhere could point its own name at this address and read the bundle through the browser that shows it.
  const name = (request.headers.host ?? '').replace(/:\d+$/, '');
  if (!isLoopback(name)) return refuse(response, 421, 'this preview answers to localhost only');
  const method = request.method ?? 'GET';
  if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'a preview is only read');
  const path = decodePath(request.url ?? '/');
  if (path === undefined) return refuse(response, 400, 'the address is no valid path');
  try {
    if (path === 'events') listeners.add(response);
    else if (path.startsWith('bundle/'))
      await answerFile(dir, path.slice('bundle/'.length), response, method === 'HEAD');
    else await answerPage(dir, path, response);
  } catch (error) {
    await answerFault(dir, error, response);
  }
}

async function answerPage(dir: string, path: string, response: ServerResponse): Promise<void> {
  const render = Object.hasOwn(PAGES, path) ? PAGES[path] : undefined;
  if (render === undefined) return refuse(response, 404, 'there is no such page');
  sendPage(response, 200, await render(dir));
}

async function answerFile(dir: string, path: string, response: ServerResponse, head: boolean): Promise<void> {
  if (!(await sendFile(dir, path, response, head))) refuse(response, 404, 'the bundle has no such file');
}

async function answerFault(dir: string, error: unknown, response: ServerResponse): Promise<void> {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known = error instanceof HubwrightError;
  const message = known ? error.message : `a bug in Hubwright: ${String(error)}`;
  const page = await renderFault(dir, { kind: 'error', message, hint: known ? error.hint : undefined });
  sendPage(response, known ? 200 : 500, page);
}

function sendPage(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    // The page carries the rest of its policy; this part only a header can say.
    'Content-Security-Policy': "frame-ancestors 'none'",
  });
  response.end(page);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${message}\n`);
}

/** The path without its leading slash and query; undefined where it is not well-formed. */
function decodePath(url: string): string | undefined {
  try {
    return decodeURIComponent(url.replace(/[?#].*$/s, '')).replace(/^\//, '');
  } catch {
    return undefined;
  }
}
