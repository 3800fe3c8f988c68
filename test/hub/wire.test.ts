import { request } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { ALICE, ALICE_READS, BOB, fileLine, gitSha1, sha256, useHub } from './running-hub.ts';

const hub = useHub();
const json = (body: unknown) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});
const lfsLine = (path: string, content: string) => ({
  key: 'lfsFile',
  value: { path, algo: 'sha256', oid: sha256(content), size: content.length },
});

async function uploadLfs(id: string, content: string): Promise<void> {
  const batch = await hub.call(
    `/${id}.git/info/lfs/objects/batch`,
    json({
      operation: 'upload',
      transfers: ['basic'],
      objects: [{ oid: sha256(content), size: content.length }],
    }),
  );
  const { objects } = (await batch.json()) as { objects: { actions: { upload: { href: string } } }[] };
  const put = await hub.call(objects[0]!.actions.upload.href, { method: 'PUT', body: content, token: '' });
  expect(put.status).toBe(200);
}

describe('preupload', () => {
  it('chooses by pattern, size and content, and gives the id of what is there', async () => {
    const id = await hub.newRepo();
    await uploadLfs(id, 'weights');
    await hub.commit(id, [fileLine('config.json', '{}'), lfsLine('w.bin', 'weights')]);
    const files = [
      { path: 'config.json', size: 2, sample: 'e30=' },
      { path: 'w.bin', size: 7, sample: '' },
      { path: 'empty.bin', size: 0, sample: '' },
      { path: 'big.json', size: 10 * 1024 * 1024 + 1, sample: 'e30=' },
      { path: 'p.png', size: 4, sample: Buffer.from([0x89, 0x50]).toString('base64') },
      { path: 'cut.txt', size: 4, sample: Buffer.from('aé').subarray(0, 2).toString('base64') },
    ];
    const answer = await hub.call(`/api/models/${id}/preupload/main`, json({ files }));
    const { commitOid, files: rows } = (await answer.json()) as { commitOid: string; files: object[] };
    expect(commitOid).toMatch(/^[0-9a-f]{40}$/);
    expect(rows).toEqual([
      { path: 'config.json', uploadMode: 'regular', shouldIgnore: false, oid: gitSha1('{}') },
      { path: 'w.bin', uploadMode: 'lfs', shouldIgnore: false, oid: sha256('weights') },
      { path: 'empty.bin', uploadMode: 'regular', shouldIgnore: false },
      { path: 'big.json', uploadMode: 'lfs', shouldIgnore: false },
      { path: 'p.png', uploadMode: 'lfs', shouldIgnore: false },
      { path: 'cut.txt', uploadMode: 'regular', shouldIgnore: false },
    ]);
    const own = await hub.call(
      `/api/models/${id}/preupload/main`,
      json({ files: [{ path: 'a.json', size: 1, sample: '' }], gitAttributes: '*.json filter=lfs' }),
    );
    expect(await own.json()).toMatchObject({ files: [{ uploadMode: 'lfs' }] });
  });

  it('names what the .gitignore of the repository, or the one that comes along, leaves out', async () => {
    const id = await hub.newRepo();
    await hub.commit(id, [fileLine('.gitignore', '*.log\n!keep.log\ntmp/\n')]);
    const paths = ['a.log', 'keep.log', 'tmp/x.txt', 'b.txt', '.gitignore'];
    const ask = async (gitIgnore?: string) => {
      const files = paths.map((path) => ({ path, size: 1, sample: 'eA==' }));
      const answer = await hub.call(`/api/models/${id}/preupload/main`, json({ files, gitIgnore }));
      const rows = ((await answer.json()) as { files: { path: string; shouldIgnore: boolean }[] }).files;
      return rows.filter(({ shouldIgnore }) => shouldIgnore).map(({ path }) => path);
    };
    expect(await ask()).toEqual(['a.log', 'tmp/x.txt']);
    expect(await ask('*.txt')).toEqual(['tmp/x.txt', 'b.txt']);
  });
});

describe('download', () => {
  it('redirects every file, and says what it is on the way', async () => {
    const id = await hub.newRepo();
    await uploadLfs(id, 'weights');
    const done = await hub.commit(id, [fileLine('a b.json', '{"a":1}'), lfsLine('w.bin', 'weights')]);
    const { commitOid } = (await done.json()) as { commitOid: string };

    const regular = await hub.call(`/${id}/resolve/main/a%20b.json`, { method: 'HEAD' });
    expect(regular.status).toBe(307);
    expect(Object.fromEntries(regular.headers)).toMatchObject({
      'x-repo-commit': commitOid,
      'x-linked-etag': `"${gitSha1('{"a":1}')}"`,
      'x-linked-size': '7',
    });
    const content = await hub.call(regular.headers.get('location')!, {});
    expect(Object.fromEntries(content.headers)).toMatchObject({
      etag: `"${gitSha1('{"a":1}')}"`,
      'x-repo-commit': commitOid,
      'content-security-policy': "default-src 'none'; sandbox",
    });
    expect(await content.text()).toBe('{"a":1}');

    const large = await hub.call(`/${id}/resolve/main/w.bin`, { token: '' });
    expect(large.status).toBe(302);
    expect(large.headers.get('x-linked-etag')).toBe(`"${sha256('weights')}"`);
    const location = new URL(large.headers.get('location')!);
    expect(location.origin).toBe(hub.url());
    expect(await (await hub.call(location.href, { token: '' })).text()).toBe('weights');
    location.searchParams.set('commit', '0'.repeat(40));
    expect((await hub.call(location.href, { token: '' })).status).toBe(403);
    location.searchParams.delete('signature');
    expect((await hub.call(location.href, { token: '' })).status).toBe(403);
  });

  it('serves ranges as RFC 9110 has them', async () => {
    const id = await hub.newRepo();
    await hub.commit(id, [fileLine('digits.txt', '0123456789'), fileLine('empty.txt', '')]);
    const get = async (range: string, path = 'digits.txt') => {
      const answer = await hub.call(`/${id}/raw/main/${path}`, { headers: { Range: range } });
      return [answer.status, answer.headers.get('content-range'), await answer.text()];
    };
    expect(await get('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234']);
    expect(await get('bytes=7-')).toEqual([206, 'bytes 7-9/10', '789']);
    expect(await get('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789']);
    expect(await get('bytes=5-99')).toEqual([206, 'bytes 5-9/10', '56789']);
    expect(await get('bytes=10-')).toEqual([416, 'bytes */10', '']);
    expect(await get('bytes=4-2')).toEqual([200, null, '0123456789']);
    expect(await get('bytes=0-1,3-4')).toEqual([200, null, '0123456789']);
    expect(await get('bytes=0-0', 'empty.txt')).toEqual([416, 'bytes */0', '']);
    const other = await hub.call(`/${id}/raw/main/digits.txt`, {
      headers: { Range: 'bytes=2-4', 'If-Range': '"other"' },
    });
    expect(other.status).toBe(200);
    const head = await hub.call(`/${id}/raw/main/digits.txt`, { method: 'HEAD' });
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['10', '']);
  });

  it('lets only the owners of a gated repository download', async () => {
    const id = await hub.newRepo();
    await hub.call(`/api/models/${id}/settings`, { ...json({ gated: 'manual' }), method: 'PUT' });
    const statuses = await Promise.all(
      [ALICE, BOB, ''].map(async (token) => {
        const answer = await hub.call(`/${id}/resolve/main/.gitattributes`, { token });
        return [answer.status, answer.headers.get('x-error-code')];
      }),
    );
    expect(statuses).toEqual([
      [307, null],
      [403, 'GatedRepo'],
      [401, 'GatedRepo'],
    ]);
    expect((await hub.call(`/api/models/${id}`, { token: BOB })).status).toBe(200);
  });
});

describe('listings', () => {
  it('pages through a tree that stays the same while the branch moves on', async () => {
    const id = await hub.newRepo();
    await hub.commit(
      id,
      ['a/1', 'a/2', 'b/3', 'c'].map((path) => fileLine(path, path)),
    );
    const paths: string[] = [];
    let url: string | undefined = `/api/models/${id}/tree/main?recursive=True&limit=2`;
    while (url !== undefined) {
      const page: Response = await hub.call(url);
      paths.push(...((await page.json()) as { path: string }[]).map(({ path }) => path));
      url = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
      await hub.commit(id, [fileLine(`later-${paths.length}`, 'x')]);
    }
    expect(paths).toEqual(['a', 'a/1', 'a/2', 'b', 'b/3', '.gitattributes', 'c']);
    expect((await hub.call(`/api/models/${id}/tree/main?limit=1001`)).status).toBe(400);
    expect((await hub.call(`/api/models/${id}/tree/main?expand=1&limit=101`)).status).toBe(400);
    expect((await hub.call(`/api/models/${id}/tree/main/nope`)).headers.get('x-error-code')).toBe(
      'EntryNotFound',
    );
    expect(await (await hub.call(`/api/models/${id}/tree/main/a`)).json()).toMatchObject([
      { path: 'a/1' },
      { path: 'a/2' },
    ]);
  });

  it('takes paths-info as a form, as Python sends it', async () => {
    const id = await hub.newRepo();
    const post = (body: string) =>
      hub.call(`/api/models/${id}/paths-info/main`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body,
      });
    expect(await (await post('paths=.gitattributes&paths=nope&expand=true')).json()).toMatchObject([
      { type: 'file', path: '.gitattributes', size: 1519, lastCommit: { title: 'initial commit' } },
    ]);
    expect((await post(Array.from({ length: 1001 }, (_, i) => `paths=${i}`).join('&'))).status).toBe(413);
  });

  it('expands only properties that exist', async () => {
    const id = await hub.newRepo();
    const expanded = await (await hub.call(`/api/models/${id}?expand[]=sha&expand=private`)).json();
    expect(Object.keys(expanded as object).sort()).toEqual(['_id', 'id', 'private', 'sha']);
    const answer = await hub.call(`/api/models/${id}?expand[]=foo`);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: string }).error).toMatch(/^"expand" must be one of \[author, /);
  });
});

describe('refs', () => {
  it('creates a tag once, finds it by name and by part of its commit, and deletes it', async () => {
    const id = await hub.newRepo();
    const { sha } = (await (await hub.call(`/api/models/${id}`)).json()) as { sha: string };
    const tag = (rev: string, name: string) =>
      hub.call(`/api/models/${id}/tag/${rev}`, json({ tag: name, message: 'm' }));
    expect((await tag('main', 'v1.0')).status).toBe(200);
    const again = await tag('main', 'v1.0');
    expect([again.status, again.headers.get('x-error-message')]).toEqual([
      409,
      'Tag reference exists already: refs/tags/v1.0',
    ]);
    expect((await tag(sha.slice(0, 7), 'v1.1')).status).toBe(200);
    expect((await tag('nope', 'v2')).status).toBe(404);
    for (const name of ['a b', 'a..b', '-a', 'a.lock', 'refs/pr/1', 'a~1', '', '@']) {
      expect([name, (await tag('main', name)).status]).toEqual([name, 400]);
    }
    expect(await (await hub.call(`/api/models/${id}/refs?include_prs=1`)).json()).toEqual({
      branches: [{ name: 'main', ref: 'refs/heads/main', targetCommit: sha }],
      tags: [
        { name: 'v1.0', ref: 'refs/tags/v1.0', targetCommit: sha },
        { name: 'v1.1', ref: 'refs/tags/v1.1', targetCommit: sha },
      ],
      converts: [],
      pullRequests: [],
    });
    expect((await hub.call(`/api/models/${id}/revision/v1.0`)).status).toBe(200);
    expect((await hub.call(`/api/models/${id}/tag/v1.0`, { method: 'DELETE' })).status).toBe(200);
    expect(
      (await hub.call(`/api/models/${id}/tag/v1.0`, { method: 'DELETE' })).headers.get('x-error-code'),
    ).toBe('RevisionNotFound');
    expect((await hub.commit(id, [fileLine('a', 'a')])).status).toBe(200);
  });
});

describe('settings and access', () => {
  it('makes a repository private at once', async () => {
    const id = await hub.newRepo();
    const check = async (token: string, write = '') =>
      (await hub.call(`/api/models/${id}/auth-check${write}`, { token })).status;
    expect(
      await Promise.all([
        check(''),
        check(BOB),
        check(BOB, '/write'),
        check(ALICE_READS, '/write'),
        check(ALICE, '/write'),
      ]),
    ).toEqual([200, 200, 403, 403, 200]);
    const put = await hub.call(`/api/models/${id}/settings`, {
      ...json({ visibility: 'private' }),
      method: 'PUT',
    });
    expect(put.status).toBe(200);
    expect(await Promise.all([check(''), check(BOB), check(ALICE_READS)])).toEqual([401, 404, 200]);
  });
});

describe('pages', () => {
  it('shows public repositories and a card as text, never as markup', async () => {
    const id = await hub.newRepo();
    const hidden = await hub.newRepo({ private: true });
    await hub.commit(id, [fileLine('README.md', '<script>alert(1)</script>'), fileLine('a"><b>.txt', 'x')]);
    const home = await (await hub.call('/', { token: '' })).text();
    expect(home).toContain(`<a href="/${id}">`);
    expect(home).not.toContain(hidden);
    const page = await hub.call(`/${id}`, { token: '' });
    const html = await page.text();
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).not.toMatch(/<script|<b>/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await hub.call(`/${hidden}`, { token: '' })).status).toBe(401);
    const { sha } = (await (await hub.call(`/api/models/${id}`)).json()) as { sha: string };
    expect((await hub.call(`/${id}/commit/${sha}`, { token: '' })).status).toBe(200);
  });
});

describe('the request log', () => {
  it('has a line for each answer, and no token or signature in any', async () => {
    const id = await hub.newRepo();
    await uploadLfs(id, 'weights');
    await hub.call(`/api/models/${id}?token=${ALICE}&x=${ALICE}`);
    const log = JSON.stringify(hub.lines);
    expect(hub.lines.at(-1)).toEqual({
      method: 'GET',
      path: `/api/models/${id}?token=[redacted]&x=[redacted]`,
      status: 200,
    });
    expect(log).toContain('signature=[redacted]');
    expect(log).not.toContain(ALICE);
    expect(log).not.toMatch(/signature=[0-9a-f]/);
  });

  it('does not say that an answer was given to a request that was cut off', async () => {
    const id = await hub.newRepo();
    const before = hub.lines.length;
    const headers = { Authorization: `Bearer ${ALICE}`, 'Content-Length': '200000' };
    const path = `/api/models/${id}/commit/main`;
    const cut = request(hub.url() + path, { method: 'POST', headers }).on('error', () => undefined);
    cut.write(Buffer.alloc(100_000), () => cut.destroy());
    await vi.waitFor(() => expect(hub.lines.length).toBeGreaterThan(before));
    expect(hub.lines.at(-1)).toMatchObject({ path, status: 499 });
    hub.faults.add({ step: 'whoami', fault: { kind: 'drop' } });
    await expect(hub.call('/api/whoami-v2')).rejects.toThrow();
    await vi.waitFor(() => expect(hub.lines.at(-1)).toMatchObject({ path: '/api/whoami-v2', status: 499 }));
    expect((await hub.call('/api/whoami-v2')).status).toBe(200);
    await vi.waitFor(() => expect(hub.lines.at(-1)?.status).toBe(200));
  });
});
