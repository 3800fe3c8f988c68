import { expect, onTestFinished, test } from 'vitest';
import { openStage } from './stage.ts';

test('a publish beyond its quota waits for the next window, as the Hub says, and completes', async () => {
  const quotas = { api: 7, resolvers: 7, pages: 7 };
  const stage = await openStage({
    rateLimits: { windowSeconds: 2, withToken: quotas, anonymous: quotas },
  });
  onTestFinished(() => stage.close());
  const started = performance.now();
  const result = await stage.publish({ tag: 'v1' });
  expect(result).toMatchObject({ commit: { oid: expect.any(String) }, verifiedFiles: 6, tag: 'v1' });
  const asked = stage.requests.filter((request) => request.includes(' /api/') || request.includes('.git/'));
  expect(asked.length).toBeGreaterThan(2 * quotas.api);
  const notes = stage.events.filter((event) => event.kind === 'note').map(({ message }) => message);
  for (const note of notes) expect(note).toMatch(/answered 429; trying again in [23] s/);
  // Once a window: the wait was long enough each time. Requests of one moment may run into its end together.
  const windows = Math.ceil((performance.now() - started) / 2000);
  expect(notes.length).toBeGreaterThanOrEqual(2);
  expect(notes.length).toBeLessThanOrEqual(windows);
  expect(new Set(stage.commits).size).toBe(1);
}, 30_000);
