import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ProgressEvent } from '../../src/progress.ts';
import { retryFetch } from '../../src/publish/retry.ts';

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

describe('retryFetch', () => {
  test.each([
    ['GET', '/api/whoami-v2'],
    ['HEAD', '/me/model/resolve/main/README.md'],
    ['PUT', '/storage/object?signature=x'],
    ['POST', '/api/validate-yaml'],
    ['POST', '/api/models/me/model/preupload/main'],
    ['POST', '/me/model.git/info/lfs/objects/batch'],
    ['POST', '/v1/xorbs/default/00ff'],
    ['POST', '/v1/shards'],
  ])('%s %s is repeated until it works', async (method, path) => {
    const { fetch, sent } = script(answer(500), broken(), answer(503), answer(408), answer(200));
    expect((await retryFetch(fetch, {})(`${HUB}${path}`, { method })).status).toBe(200);
    expect(sent).toHaveLength(5);
    expect(waits).toEqual([1000, 2000, 4000, 8000]);
  });

  test.each([
    ['POST', '/api/models/me/model/commit/main'],
    ['POST', '/api/repos/create'],
    ['POST', '/api/models/me/model/tag/main'],
    ['POST', '/storage/object/complete'],
    ['DELETE', '/api/repos/delete'],
  ])('%s %s is sent once', async (method, path) => {
    const refused = script(answer(503));
    expect((await retryFetch(refused.fetch, {})(`${HUB}${path}`, { method })).status).toBe(503);
    const cut = script(broken());
    await expect(retryFetch(cut.fetch, {})(`${HUB}${path}`, { method })).rejects.toThrow('fetch failed');
    expect([refused.sent.length, cut.sent.length, waits.length]).toEqual([1, 1, 0]);
  });

  test('a 429 did nothing, so even a commit waits and goes again', async () => {
    const { fetch, sent } = script(answer(429, { 'Retry-After': '7' }), answer(200));
    const path = '/api/models/me/model/commit/main';
    expect((await retryFetch(fetch, {})(`${HUB}${path}`, { method: 'POST' })).status).toBe(200);
    expect([sent.length, waits]).toEqual([2, [7000]]);
  });

  test.each([
    [{ 'Retry-After': '3' }, 3000],
    [{ RateLimit: '"api";r=0;t=55', 'Retry-After': '3' }, 56_000],
    [{ RateLimit: '"api";r=12;t=55' }, 1000],
    [{ 'Retry-After': 'soon' }, 1000],
    [{ 'Retry-After': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
  ])('%j waits %d ms', async (headers, wait) => {
    const { fetch } = script(answer(429, headers), answer(200));
    await retryFetch(fetch, {})(`${HUB}/api/whoami-v2`);
    expect(waits).toEqual([wait]);
  });

  test('an hour is not waited for', async () => {
    const { fetch, sent } = script(answer(429, { 'Retry-After': '3600' }));
    expect((await retryFetch(fetch, {})(`${HUB}/api/whoami-v2`)).status).toBe(429);
    expect([sent.length, waits.length]).toEqual([1, 0]);
  });

  test.each([400, 401, 403, 404, 409, 412, 413, 501])('%d is final', async (status) => {
    const { fetch, sent } = script(answer(status));
    expect((await retryFetch(fetch, {})(`${HUB}/api/whoami-v2`)).status).toBe(status);
    expect(sent).toHaveLength(1);
  });

  test('gives up after five tries, with the last failure', async () => {
    const { fetch } = script(answer(502), answer(502), answer(502), answer(502), answer(504));
    expect((await retryFetch(fetch, {})(`${HUB}/x`)).status).toBe(504);
    const cut = script(broken(), broken(), broken(), broken(), new TypeError('the last'));
    await expect(retryFetch(cut.fetch, {})(`${HUB}/x`)).rejects.toThrow('the last');
  });

  test('a file that changed under the upload is not read again', async () => {
    const cause = new DOMException('The blob could not be read', 'NotReadableError');
    const { fetch, sent } = script(new TypeError('fetch failed', { cause }));
    await expect(retryFetch(fetch, {})(`${HUB}/x`, { method: 'PUT' })).rejects.toThrow('fetch failed');
    expect(sent).toHaveLength(1);
  });

  test('tells of each wait, and nothing of the address but its host', async () => {
    const events: ProgressEvent[] = [];
    const { fetch } = script(answer(503), broken(), answer(200));
    await retryFetch(fetch, { onProgress: (e) => events.push(e) })(`${HUB}/o?X-Amz-Signature=abc`, {
      method: 'PUT',
    });
    expect(events).toEqual([
      { kind: 'note', message: 'hub.example answered 503; trying again in 1 s (1 of 5 tries)' },
      { kind: 'note', message: 'hub.example did not answer; trying again in 2 s (2 of 5 tries)' },
    ]);
  });

  test.each(['options', 'init'])('stops when the signal of the %s fires', async (whose) => {
    const controller = new AbortController();
    const fetch: typeof globalThis.fetch = async (_, init) => {
      controller.abort(new Error('enough'));
      init?.signal?.throwIfAborted();
      return answer(503);
    };
    const options = whose === 'options' ? { signal: controller.signal } : {};
    const init = whose === 'init' ? { signal: controller.signal } : {};
    await expect(retryFetch(fetch, options)(`${HUB}/x`, init)).rejects.toThrow('enough');
    expect(waits).toEqual([]);
  });
});
