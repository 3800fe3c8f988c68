import { describe, expect, it } from 'vitest';
import { createCommitQuota } from '../../src/hub/commit-quota.ts';
import { RATE_LIMITS } from '../../src/hub/index.ts';
import { BOB, fileLine, useHub } from './running-hub.ts';

const one = { meta: { _id: 'one' } };
const other = { meta: { _id: 'other' } };
const REFUSAL = 'You have exceeded the rate limit for repository commits (2 per hour). ';

describe('the quota of commits', () => {
  it('counts by the repository and the hour, and says in words when it is over', () => {
    let time = 50;
    const count = createCommitQuota(2, () => time);
    const later = (seconds: number): string => {
      time += seconds;
      try {
        count(one);
        return 'counted';
      } catch (error) {
        expect(error).toMatchObject({ status: 429, headers: {} });
        return (error as Error).message.replace(REFUSAL, '');
      }
    };
    expect([later(0), later(10)]).toEqual(['counted', 'counted']);
    expect(later(0)).toBe('You can retry this action in about 1 hour.');
    count(other);
    expect(later(1010)).toBe('You can retry this action in 43 minutes.');
    expect(later(2500)).toBe('You can retry this action in 1 minute.');
    expect(later(70)).toBe('You can retry this action in less than a minute.');
    expect([later(10), later(0)]).toEqual(['counted', 'counted']);
    expect(later(0)).toBe('You can retry this action in about 1 hour.');
  });
});

describe('a Hub with a quota of commits', () => {
  const hub = useHub({ rateLimits: { ...RATE_LIMITS, commitsPerHour: 2 } });
  const refused = `${REFUSAL}You can retry this action in about 1 hour.`;

  it('refuses one too many while requests are left, keeps the branch, and forgets nothing by a rename', async () => {
    const id = await hub.newRepo();
    const commit = (to = id) => hub.commit(to, [fileLine('a.txt', String(Math.random()))]);
    expect([(await commit()).status, (await commit()).status]).toEqual([200, 200]);
    const before = await (await hub.call(`/api/models/${id}/refs`)).text();
    const third = await commit();
    expect([third.status, third.headers.get('Retry-After'), third.headers.get('X-Error-Message')]).toEqual([
      429,
      null,
      refused,
    ]);
    expect(third.headers.get('RateLimit')).toMatch(/^"api";r=9\d\d;/);
    expect(await third.json()).toEqual({ error: refused });
    expect(await (await hub.call(`/api/models/${id}/refs`)).text()).toBe(before);
    const body = JSON.stringify({ fromRepo: id, toRepo: `${id}-moved`, type: 'model' });
    const headers = { 'Content-Type': 'application/json' };
    expect((await hub.call('/api/repos/move', { method: 'POST', headers, body })).status).toBe(200);
    expect((await commit(`${id}-moved`)).status).toBe(429);
    expect((await commit(await hub.newRepo())).status).toBe(200);
  });

  it('counts pull requests and their merge, and nothing of whoever may not commit', async () => {
    const id = await hub.newRepo();
    for (let time = 0; time < 3; time += 1) {
      expect((await hub.commit(id, [fileLine('a', 'b')], undefined, { token: BOB })).status).toBe(403);
    }
    const opened = await hub.commit(id, [fileLine('b.txt', 'b')], undefined, { query: '?create_pr=1' });
    expect(opened.status).toBe(200);
    const merge = (num: number) => hub.call(`/api/models/${id}/discussions/${num}/merge`, { method: 'POST' });
    expect((await hub.commit(id, [fileLine('c.txt', 'c')])).status).toBe(200);
    const third = await merge(1);
    expect([third.status, await third.json()]).toEqual([429, { error: refused }]);
  });
});
