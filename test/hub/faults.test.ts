import { afterEach, describe, expect, it } from 'vitest';
import { fileLine, sha256, useHub } from './running-hub.ts';

const hub = useHub();
afterEach(() => hub.faults.clear());

const head = async (id: string) =>
  ((await (await hub.call(`/api/models/${id}`)).json()) as { sha: string }).sha;

async function storage(id: string, content: string): Promise<string> {
  const answer = await hub.call(`/${id}.git/info/lfs/objects/batch`, {
    method: 'POST',
    body: JSON.stringify({ operation: 'upload', objects: [{ oid: sha256(content), size: content.length }] }),
  });
  const { objects } = (await answer.json()) as { objects: { actions: { upload: { href: string } } }[] };
  return objects[0]?.actions.upload.href ?? '';
}

describe('planned faults', () => {
  it('refuse so many requests after so many others, with the headers they name', async () => {
    const fault = { kind: 'status', status: 429, headers: { 'Retry-After': '7' } } as const;
    hub.faults.add({ step: 'whoami', fault, skip: 1, times: 2 });
    const answers = [];
    for (let i = 0; i < 4; i += 1) answers.push(await hub.call('/api/whoami-v2'));
    expect(answers.map(({ status }) => status)).toEqual([200, 429, 429, 200]);
    expect(answers[1]?.headers.get('Retry-After')).toBe('7');
    expect(hub.faults.pending()).toEqual([]);
  });

  it('fail before a commit, or after it landed', async () => {
    const id = await hub.newRepo();
    const first = await head(id);
    hub.faults.add({ step: 'commit', fault: { kind: 'status', status: 504 } });
    expect((await hub.commit(id, [fileLine('a', 'a')])).status).toBe(504);
    expect(await head(id)).toBe(first);
    hub.faults.add({ step: 'commit', fault: { kind: 'status', status: 500, when: 'after' } });
    expect((await hub.commit(id, [fileLine('a', 'a')])).status).toBe(500);
    const second = await head(id);
    expect(second).not.toBe(first);
    hub.faults.add({ step: 'commit', fault: { kind: 'drop' } });
    await expect(hub.commit(id, [fileLine('b', 'b')])).rejects.toThrow('fetch failed');
    expect(await head(id)).toBe(second);
    hub.faults.add({ step: 'commit', fault: { kind: 'drop', when: 'after' } });
    await expect(hub.commit(id, [fileLine('b', 'b')])).rejects.toThrow('fetch failed');
    expect(await head(id)).not.toBe(second);
  });

  it('do not hide a refusal that the request earns anyway', async () => {
    const id = await hub.newRepo();
    hub.faults.add({ step: 'commit', fault: { kind: 'status', status: 500, when: 'after' } });
    const header = { summary: 'x', parentCommit: 'f'.repeat(40) };
    expect((await hub.commit(id, [fileLine('a', 'a')], header)).status).toBe(412);
  });

  it('let somebody else commit in between', async () => {
    const id = await hub.newRepo();
    const parentCommit = await head(id);
    const work = () => hub.commit(id, [fileLine('theirs', 'x')]);
    hub.faults.add({ step: 'commit', fault: { kind: 'meanwhile', work } });
    const answer = await hub.commit(id, [fileLine('mine', 'x')], { summary: 'x', parentCommit });
    expect(answer.status).toBe(412);
  });

  it('damage or cut what is uploaded and what is downloaded', async () => {
    const id = await hub.newRepo();
    const content = 'some weights';
    hub.faults.add({ step: 'lfs-put', fault: { kind: 'corrupt' } });
    const href = await storage(id, content);
    const put = () => hub.call(href, { method: 'PUT', body: content, token: '' });
    const refused = await put();
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('SHA-256')]);
    expect((await put()).status).toBe(200);
    await hub.commit(id, [fileLine('a.txt', 'hello')]);
    const path = `/api/resolve-cache/models/${id}/main/a.txt`;
    hub.faults.add({ step: 'resolve', fault: { kind: 'corrupt' } });
    const damaged = await (await hub.call(path)).text();
    expect([damaged.length, damaged]).toEqual([5, expect.not.stringMatching('hello')]);
    expect(await (await hub.call(path)).text()).toBe('hello');
    hub.faults.add({ step: 'resolve', fault: { kind: 'cut' } });
    await expect(hub.call(path).then((answer) => answer.text())).rejects.toThrow();
    hub.faults.add({ step: 'lfs-put', fault: { kind: 'cut' } });
    const other = await storage(id, 'other weights');
    await expect(hub.call(other, { method: 'PUT', body: 'other weights', token: '' })).rejects.toThrow();
  });

  it('expire tokens and signed URLs, stall, and answer late', async () => {
    const id = await hub.newRepo();
    const href = await storage(id, 'x');
    for (const step of ['whoami', 'lfs-put'] as const) {
      hub.faults.add({ step, fault: { kind: 'expired' } });
    }
    expect((await hub.call('/api/whoami-v2')).status).toBe(401);
    expect((await hub.call(href, { method: 'PUT', body: 'x', token: '' })).status).toBe(403);
    hub.faults.add({ step: 'whoami', fault: { kind: 'stall' } });
    const signal = AbortSignal.timeout(200);
    await expect(hub.call('/api/whoami-v2', { signal })).rejects.toThrow('timeout');
    hub.faults.add({ step: 'whoami', fault: { kind: 'slow', milliseconds: 100 } });
    const start = performance.now();
    expect((await hub.call('/api/whoami-v2')).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(90);
  });
});
