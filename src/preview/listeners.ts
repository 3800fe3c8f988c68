import type { ServerResponse } from 'node:http';

/** So often a comment is sent, or a proxy takes the silence for the end. */
const BEAT_MS = 25_000;

/** Pages that wait for changes, by server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export class Listeners {
  readonly #open = new Set<ServerResponse>();
  readonly #beat = setInterval(() => this.#send(':\n\n'), BEAT_MS).unref();

  add(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write('retry: 1000\n\n');
    this.#open.add(response);
    response.on('close', () => this.#open.delete(response));
  }

  announceChange(): void {
    this.#send('event: change\ndata: \n\n');
  }

  close(): void {
    clearInterval(this.#beat);
    for (const response of this.#open) response.end();
  }

  #send(text: string): void {
    for (const response of this.#open) response.write(text);
  }
}
