import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ProgressEvent } from '../../src/progress.ts';
import { createSender } from '../../src/publish/retry.ts';

const waits: number[] = [];
vi.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number, _: unknown, options: { signal?: AbortSignal } = {}) => {
    options.signal?.throwIfAborted();
    waits.push(ms);
  },
}));
beforeEach(() => {
  waits.length = 0;
});

/** Answers with one step after the other; an Error is a network failure. */
function script(...steps: (Response | Error)[]): { fetch: typeof fetch; sent: string[] } {
  const sent: string[] = [];
  return {
    sent,
    fetch: async (input, init) => {
      sent.push(`${init?.method ?? 'GET'} ${input}`);
      const step = steps.shift();
      if (step === undefined) throw new Error('one request too many');
      if (step instanceof Error) throw step;
      return step;
    },
  };
}

const answer = (status: number, headers: Record<string, string> = {}): Response =>
  new Response('{}', { status, headers });
const broken = (): Error => new TypeError('fetch failed');
const HUB = 'https://hub.example';

describe('createSender', () => {
  test.each(['GET', 'HEAD', 'PUT', 'DELETE'])('%s is repeated until it works', async (method) => {
    const { fetch, sent } = script(answer(500), broken(), answer(503), answer(408), answer(200));
    expect((await createSender(fetch, {})(`${HUB}/x`, { method })).status).toBe(200);
    expect(sent).toHaveLength(5);
    expect(waits).toEqual([1000, 2000, 4000, 8000]);
  });

  test('a POST is repeated when it is said to be repeatable, each time with a new body', async () => {
    const { fetch, sent } = script(answer(500), broken(), answer(200));
    const body = vi.fn(() => 'body');
    const request = { method: 'POST', repeatable: true, body };
    expect((await createSender(fetch, {})(`${HUB}/x`, request)).status).toBe(200);
    expect([sent.length, body.mock.calls.length]).toEqual([3, 3]);
  });

  test('any other POST is sent once', async () => {
    const refused = script(answer(503));
    expect((await createSender(refused.fetch, {})(`${HUB}/commit`, { method: 'POST' })).status).toBe(503);
    const cut = script(broken());
    await expect(createSender(cut.fetch, {})(`${HUB}/commit`, { method: 'POST' })).rejects.toThrow(
      'fetch failed',
    );
    expect([refused.sent.length, cut.sent.length, waits.length]).toEqual([1, 1, 0]);
  });

  test('a 429 did nothing, so even a commit waits and goes again', async () => {
    const { fetch, sent } = script(answer(429, { 'Retry-After': '7' }), answer(200));
    const path = '/api/models/me/model/commit/main';
    expect((await createSender(fetch, {})(`${HUB}${path}`, { method: 'POST' })).status).toBe(200);
    expect([sent.length, waits]).toEqual([2, [7000]]);
  });

  test.each([
    [{ 'Retry-After': '3' }, 3000],
    [{ RateLimit: '"api";r=0;t=55', 'Retry-After': '3' }, 56_000],
    [{ RateLimit: '"api";r=0;t=300' }, 301_000],
    [{ RateLimit: '"api";r=12;t=55' }, 1000],
    [{ 'Retry-After': 'soon' }, 1000],
    [{ 'Retry-After': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
  ])('%j waits %d ms', async (headers, wait) => {
    const { fetch } = script(answer(429, headers), answer(200));
    await createSender(fetch, {})(`${HUB}/api/whoami-v2`);
    expect(waits).toEqual([wait]);
  });

  test('an hour is not waited for', async () => {
    const { fetch, sent } = script(answer(429, { 'Retry-After': '3600' }));
    expect((await createSender(fetch, {})(`${HUB}/api/whoami-v2`)).status).toBe(429);
    expect([sent.length, waits.length]).toEqual([1, 0]);
  });

  test.each([400, 401, 403, 404, 409, 412, 413, 501])('%d is final', async (status) => {
    const { fetch, sent } = script(answer(status));
    expect((await createSender(fetch, {})(`${HUB}/api/whoami-v2`)).status).toBe(status);
    expect(sent).toHaveLength(1);
  });

  test('gives up after five tries, with the last failure', async () => {
    const { fetch } = script(answer(502), answer(502), answer(502), answer(502), answer(504));
    expect((await createSender(fetch, {})(`${HUB}/x`)).status).toBe(504);
    const cut = script(broken(), broken(), broken(), broken(), new TypeError('the last'));
    await expect(createSender(cut.fetch, {})(`${HUB}/x`)).rejects.toThrow('the last');
  });

  test('a file that changed under the upload is not read again', async () => {
    const cause = new DOMException('The blob could not be read', 'NotReadableError');
    const { fetch, sent } = script(new TypeError('fetch failed', { cause }));
    await expect(createSender(fetch, {})(`${HUB}/x`, { method: 'PUT' })).rejects.toThrow('fetch failed');
    expect(sent).toHaveLength(1);
  });

  test('tells of each wait, and nothing of the address but its host', async () => {
    const events: ProgressEvent[] = [];
    const { fetch } = script(answer(503), broken(), answer(200));
    await createSender(fetch, { onProgress: (e) => events.push(e) })(`${HUB}/o?X-Amz-Signature=abc`, {
      method: 'PUT',
    });
    expect(events).toEqual([
      { kind: 'note', message: 'hub.example answered 503; trying again in 1 s (1 of 5 tries)' },
      { kind: 'note', message: 'hub.example did not answer; trying again in 2 s (2 of 5 tries)' },
    ]);
  });

  test('stops when the signal fires', async () => {
    const controller = new AbortController();
    const fetch: typeof globalThis.fetch = async (_, init) => {
      controller.abort(new Error('enough'));
      init?.signal?.throwIfAborted();
      return answer(503);
    };
    await expect(createSender(fetch, { signal: controller.signal })(`${HUB}/x`)).rejects.toThrow('enough');
    expect(waits).toEqual([]);
  });

  test('a request in which nothing moves is given up and sent again', async () => {
    const events: ProgressEvent[] = [];
    let tries = 0;
    const fetch: typeof globalThis.fetch = async (_, init) => {
      tries += 1;
      if (tries === 3) return answer(200);
      // The first gets no answer, the second an answer that stops in its middle.
      const stop = new Promise<never>((__, fail) =>
        init?.signal?.addEventListener('abort', () => fail(init.signal?.reason)),
      );
      if (tries === 1) return stop;
      return new Response(
        new ReadableStream({ start: (to) => to.enqueue(Buffer.from('{')), pull: () => stop }),
      );
    };
    const options = { patience: { stallMs: 30 }, onProgress: (e: ProgressEvent) => events.push(e) };
    expect((await createSender(fetch, options)(`${HUB}/x`)).status).toBe(200);
    expect(events.map((e) => e.kind === 'note' && e.message)).toEqual([
      'hub.example moved no byte for 1 s; trying again in 1 s (1 of 5 tries)',
      'hub.example moved no byte for 1 s; trying again in 2 s (2 of 5 tries)',
    ]);
  });

  test('bytes that move, however slowly, are no stall', async () => {
    const fetch: typeof globalThis.fetch = async (_, init) =>
      new Response(await new Response(init?.body as ReadableStream).text());
    let pieces = 0;
    const body = (alive: () => void) =>
      new ReadableStream({
        async pull(to) {
          await new Promise((done) => setTimeout(done, 20));
          alive();
          pieces += 1;
          if (pieces < 10) to.enqueue(Buffer.from('x'));
          else to.close();
        },
      });
    const send = createSender(fetch, { patience: { stallMs: 100 } });
    expect(await (await send(`${HUB}/x`, { method: 'PUT', body })).text()).toBe('x'.repeat(9));
  });

  test('all waits together stay within the budget', async () => {
    const { fetch, sent } = script(answer(503), answer(503), answer(503), answer(200));
    const send = createSender(fetch, { patience: { budgetMs: 3_500 } });
    expect((await send(`${HUB}/x`)).status).toBe(503);
    expect([sent.length, waits]).toEqual([3, [1000, 2000]]);
    expect((await send(`${HUB}/y`)).status).toBe(200);
  });
});
