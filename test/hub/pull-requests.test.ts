import { describe, expect, it } from 'vitest';
import { ALICE_READS, BOB, fileLine, useHub } from './running-hub.ts';

const hub = useHub();
const NEW_PULL = { query: '?create_pr=1' };

async function read(path: string, token?: string): Promise<Record<string, unknown>> {
  return (await (await hub.call(path, { token })).json()) as Record<string, unknown>;
}
const post = (path: string, body: unknown, token?: string) =>
  hub.call(path, { method: 'POST', body: JSON.stringify(body), token });
const textOf = async (id: string, rev: string, path: string) =>
  (await hub.call(`/${id}/raw/${encodeURIComponent(rev)}/${path}`)).text();

describe('pull requests', () => {
  it('are opened by a commit, take more commits, and merge as one commit', async () => {
    const id = await hub.newRepo();
    await hub.commit(id, [fileLine('a.txt', 'one\n'), fileLine('old.txt', 'old\n')]);
    const header = { summary: 'Better', description: 'why' };
    const opened = await hub.commit(id, [fileLine('a.txt', 'two\n')], header, NEW_PULL);
    expect(await opened.json()).toMatchObject({ pullRequestUrl: `${hub.url()}/${id}/discussions/1` });
    expect(await textOf(id, 'main', 'a.txt')).toBe('one\n');
    expect(await textOf(id, 'refs/pr/1', 'a.txt')).toBe('two\n');

    const second = [fileLine('b.txt', 'new\n'), { key: 'deletedFile', value: { path: 'old.txt' } }];
    expect((await hub.commit(id, second, { summary: 'More' }, { rev: 'refs/pr/1' })).status).toBe(200);
    await hub.commit(id, [fileLine('c.txt', 'meanwhile\n')]);

    const path = `/api/models/${id}/discussions/1`;
    const details = await read(`${path}?diff=1`);
    expect(details).toMatchObject({
      num: 1,
      title: 'Better',
      status: 'open',
      isPullRequest: true,
      author: { name: 'alice' },
      changes: { base: 'main' },
      filesWithConflicts: [],
    });
    expect((details.events as { type: string }[]).map(({ type }) => type)).toEqual([
      'comment',
      'commit',
      'commit',
    ]);
    expect(details.diff).toContain('diff --git a/a.txt b/a.txt\n--- a/a.txt');
    expect(details.diff).toContain('-one\n+two\n');
    expect(details.diff).toContain('--- /dev/null\n+++ b/b.txt');
    expect(details.diff).not.toContain('c.txt');
    expect(await read(`/api/models/${id}/refs?include_prs=1`)).toMatchObject({
      pullRequests: [{ ref: 'refs/pr/1' }],
    });

    expect((await post(`${path}/merge`, {})).status).toBe(200);
    expect(await read(path)).toMatchObject({ status: 'merged', filesWithConflicts: [] });
    const rows = (await (await hub.call(`/api/models/${id}/tree/main`)).json()) as { path: string }[];
    expect(rows.map((row) => row.path)).toEqual(['.gitattributes', 'a.txt', 'b.txt', 'c.txt']);
    const [newest] = (await (await hub.call(`/api/models/${id}/commits/main`)).json()) as unknown[];
    expect(newest).toMatchObject({
      title: 'Better (#1)',
      message: expect.stringMatching(/^- Better \(\w+\)\n- More/),
    });
    expect((await hub.commit(id, second, { summary: 'x' }, { rev: 'refs/pr/1' })).status).toBe(403);
    expect((await post(`${path}/status`, { status: 'open' })).status).toBe(400);
  });

  it('name their conflicts and do not merge with one', async () => {
    const id = await hub.newRepo();
    await hub.commit(id, [fileLine('a', 'one')]);
    await hub.commit(id, [fileLine('a', 'theirs')], { summary: 'Theirs' }, NEW_PULL);
    await hub.commit(id, [fileLine('a', 'ours')]);
    expect(await read(`/api/models/${id}/discussions/1`)).toMatchObject({ filesWithConflicts: ['a'] });
    const refused = await post(`/api/models/${id}/discussions/1/merge`, {});
    expect([refused.status, await refused.json()]).toEqual([409, { error: 'There are conflicts in a' }]);
    expect(await textOf(id, 'main', 'a')).toBe('ours');
  });

  it('start at parentCommit, and check it when they go on', async () => {
    const id = await hub.newRepo();
    const { sha } = (await read(`/api/models/${id}`)) as { sha: string };
    await hub.commit(id, [fileLine('later', 'x')]);
    const header = { summary: 'From before', parentCommit: sha };
    expect((await hub.commit(id, [fileLine('a', 'x')], header, NEW_PULL)).status).toBe(200);
    expect((await hub.call(`/${id}/raw/refs%2Fpr%2F1/later`)).status).toBe(404);
    const stale = await hub.commit(id, [fileLine('a', 'y')], header, { rev: 'refs/pr/1' });
    expect(stale.status).toBe(412);
    expect((await hub.commit(id, [fileLine('a', 'y')], header, { rev: 'refs/pr/9' })).status).toBe(404);
  });

  it('may be opened by anybody who can read and write, and merged by owners only', async () => {
    const id = await hub.newRepo();
    const asBob = { ...NEW_PULL, token: BOB };
    const add = [fileLine('a', 'x')];
    expect((await hub.commit(id, add, { summary: 'Mine' }, { token: BOB })).status).toBe(403);
    expect((await hub.commit(id, add, { summary: 'Mine' }, asBob)).status).toBe(200);
    const reader = { ...NEW_PULL, token: ALICE_READS };
    expect((await hub.commit(id, add, { summary: 'Mine' }, reader)).status).toBe(403);
    expect((await hub.commit(id, add, { summary: 'Mine' }, { ...NEW_PULL, token: '' })).status).toBe(401);
    const path = `/api/models/${id}/discussions`;
    expect((await post(`${path}/1/merge`, {}, BOB)).status).toBe(403);
    await hub.commit(id, add, { summary: 'Hers' }, NEW_PULL);
    const toHers = { rev: 'refs/pr/2', token: BOB };
    expect((await hub.commit(id, add, { summary: 'x' }, toHers)).status).toBe(403);
    expect((await post(`${path}/2/status`, { status: 'closed' }, BOB)).status).toBe(403);
    expect((await post(`${path}/1/status`, { status: 'closed' }, BOB)).status).toBe(200);
    const secret = await hub.newRepo({ private: true });
    expect((await hub.commit(secret, add, { summary: 'Mine' }, asBob)).status).toBe(404);
  });

  it('and discussions keep comments, titles and states across a restart', async () => {
    const id = await hub.newRepo();
    const path = `/api/models/${id}/discussions`;
    expect(await (await post(path, { title: 'Why?', description: 'Tell me' })).json()).toMatchObject({
      num: 1,
    });
    expect(await (await post(path, { title: 'Draft', pullRequest: true })).json()).toMatchObject({
      num: 2,
      status: 'draft',
    });
    const said = (await (await post(`${path}/1/comment`, { comment: 'Because' }, BOB)).json()) as {
      newMessage: { id: string };
    };
    const edit = `${path}/1/comment/${said.newMessage.id}`;
    expect((await post(`${edit}/edit`, { content: 'x' })).status).toBe(403);
    expect(await (await post(`${edit}/edit`, { content: 'It is so' }, BOB)).json()).toMatchObject({
      updatedComment: { data: { edited: true, latest: { raw: 'It is so' } } },
    });
    await post(`${path}/1/title`, { title: 'Why not?' });
    await post(`${path}/1/status`, { status: 'closed', comment: 'done' });
    await hub.restart();
    const list = await read(`${path}?status=closed`);
    expect(list).toMatchObject({ count: 1, start: 0, numClosedDiscussions: 1 });
    expect(list.discussions).toMatchObject([{ num: 1, title: 'Why not?', status: 'closed' }]);
    const { events } = (await read(`${path}/1`)) as { events: { type: string }[] };
    expect(events.map(({ type }) => type)).toEqual([
      'comment',
      'comment',
      'title-change',
      'comment',
      'status-change',
    ]);
    expect((await hub.call(`/${id}/discussions/1`)).status).toBe(200);
    expect((await hub.call(`${path}/7`)).status).toBe(404);
  });
});
