import { expect, onTestFinished, test } from 'vitest';
import { RATE_LIMITS } from '../../src/hub/index.ts';
import { openStage } from './stage.ts';

test('a publish beyond its quota waits for the next window, as the Hub says, and completes', async () => {
  const quotas = { api: 7, resolvers: 7, pages: 7 };
  const stage = await openStage({
    rateLimits: { windowSeconds: 2, withToken: quotas, anonymous: quotas, commitsPerHour: 128 },
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

test('beyond the commits of an hour, the Hub says when, and nothing is lost', async () => {
  const stage = await openStage({ rateLimits: { ...RATE_LIMITS, commitsPerHour: 1 } });
  onTestFinished(() => stage.close());
  await stage.publish();
  const head = await stage.head();
  await stage.change({ 'README.md': '---\nlicense: apache-2.0\n---\n# Another\n' });
  const error = await stage.fail({ patience: { firstWaitMs: 1 } });
  expect(error.code).toBe('HUB_UNREACHABLE');
  expect(error.message).toContain(
    'the Hub answered 429: You have exceeded the rate limit for repository commits (1 per hour). ' +
      'You can retry this action in about 1 hour.',
  );
  expect(error.hint).toBe(
    "the Hub's quota is used up: wait, then run the same command again; nothing is lost",
  );
  // A 429 did nothing: each try is the same commit, and the branch need not be read to find out.
  expect([stage.commits.length, new Set(stage.commits).size]).toEqual([1 + 5, 2]);
  expect(await stage.head()).toBe(head);
});
