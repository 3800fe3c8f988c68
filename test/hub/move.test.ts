import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadFile } from '@huggingface/hub';
import { describe, expect, it } from 'vitest';
import { PYTHON, PYTHON_HUB2, WITHOUT_PYTHON, WITHOUT_PYTHON_HUB2 } from '../oracle/python.ts';
import { runPython } from './run-python.ts';
import { ALICE, ALICE_READS, BOB, fileLine, useHub } from './running-hub.ts';

const hub = useHub();
const move = async (fromRepo: string, toRepo: string, token?: string) =>
  (await hub.call('/api/repos/move', { method: 'POST', body: JSON.stringify({ fromRepo, toRepo }), token }))
    .status;
const idOf = async (id: string) =>
  ((await (await hub.call(`/api/models/${id}`)).json()) as { id?: string }).id;

it('renames a repository with all that it has, also to an organisation', async () => {
  const id = await hub.newRepo();
  await hub.commit(id, [fileLine('a.txt', 'hello')]);
  await hub.commit(id, [fileLine('a.txt', 'there')], { summary: 'Change' }, { query: '?create_pr=1' });
  expect(await move(id, 'acme/Renamed')).toBe(200);
  expect(await idOf('acme/renamed')).toBe('acme/Renamed');
  expect(await (await hub.call('/acme/Renamed/raw/main/a.txt')).text()).toBe('hello');
  expect((await hub.call('/api/models/acme/Renamed/discussions/1')).status).toBe(200);
  expect((await hub.commit('acme/Renamed', [fileLine('b', 'b')])).status).toBe(200);
  await hub.restart();
  expect(await idOf('acme/renamed')).toBe('acme/Renamed');
  expect(await move('acme/Renamed', 'acme/renamed')).toBe(409);
});

describe('a name that was given up', () => {
  it('leads to the present one, for those who may see it', async () => {
    const id = await hub.newRepo();
    await hub.commit(id, [fileLine('a b.txt', 'hello')]);
    expect(await move(id, 'acme/Second')).toBe(200);
    expect(await move('acme/Second', 'acme/Third')).toBe(200);
    const where = async (path: string, init: Parameters<typeof hub.call>[1] = {}) => {
      const answer = await hub.call(path, init);
      return [answer.status, answer.headers.get('Location')];
    };
    expect(await where(`/api/models/${id.toUpperCase()}?blobs=1`)).toEqual([
      307,
      '/api/models/acme/Third?blobs=1',
    ]);
    expect(await where(`/${id}/resolve/main/a%20b.txt`, { method: 'HEAD' })).toEqual([
      307,
      '/acme/Third/resolve/main/a%20b.txt',
    ]);
    const post = { method: 'POST', body: '{}' };
    expect(await where(`/${id}.git/info/lfs/objects/batch`, post)).toEqual([
      307,
      '/acme/Third.git/info/lfs/objects/batch',
    ]);
    expect(await where('/api/models/acme/second/commit/main', post)).toEqual([
      307,
      '/api/models/acme/Third/commit/main',
    ]);
    await hub.restart();
    const blob = await downloadFile({ repo: id, path: 'a b.txt', hubUrl: hub.url(), accessToken: ALICE });
    expect(await blob?.text()).toBe('hello');
    const settings = { method: 'PUT', body: '{"visibility":"private"}' };
    expect((await hub.call('/api/models/acme/Third/settings', settings)).status).toBe(200);
    expect(await where(`/api/models/${id}`, { token: BOB })).toEqual([404, null]);
    expect(await where(`/api/models/${id}`, { token: '' })).toEqual([401, null]);
  });

  it('leads nowhere once it is taken again, or the repository is gone', async () => {
    const id = await hub.newRepo();
    expect(await move(id, 'acme/away')).toBe(200);
    expect(await move('acme/away', id)).toBe(200);
    expect([await idOf(id), await idOf('acme/away')]).toEqual([id, undefined]);
    expect((await hub.call('/api/models/acme/away')).headers.get('Location')).toBe(`/api/models/${id}`);
    const remove = (name: string, organization: string) =>
      hub.call('/api/repos/delete', { method: 'DELETE', body: JSON.stringify({ name, organization }) });
    expect((await remove(id.split('/')[1] ?? '', 'alice')).status).toBe(200);
    expect((await hub.call('/api/models/acme/away')).status).toBe(404);
    expect((await hub.call(`/api/models/${id}`)).status).toBe(404);
  });

  it.for([
    [`1${WITHOUT_PYTHON}`, PYTHON],
    [`2${WITHOUT_PYTHON_HUB2}`, PYTHON_HUB2],
  ] as const)('still serves huggingface_hub %s', async ([, python], { skip }) => {
    if (python === undefined) return skip();
    const id = await hub.newRepo();
    await hub.commit(id, [fileLine('a.txt', 'hello')]);
    const to = `${id}-renamed`;
    expect(await move(id, to)).toBe(200);
    const script = `
out["id"] = model_info("${id}").id
out["file"] = open(hf_hub_download("${id}", "a.txt")).read()
upload_file(repo_id="${id}", path_or_fileobj=bytes(2000), path_in_repo="w.bin")
out["files"] = sorted(list_repo_files("${to}"))
`;
    expect(await runPython(hub.url(), script, {}, python)).toEqual({
      id: to,
      file: 'hello',
      files: ['.gitattributes', 'a.txt', 'w.bin'],
    });
  });
});

it('refuses names that are taken or not allowed, and those who may not', async () => {
  const [id, other] = [await hub.newRepo(), await hub.newRepo()];
  expect(await move(id, other)).toBe(409);
  expect(await move(id, 'alice/..')).toBe(400);
  expect(await move(id, 'alice/a/b')).toBe(400);
  expect(await move(id, 'bob/model')).toBe(403);
  expect(await move(id, 'alice/x', BOB)).toBe(403);
  expect(await move(id, 'alice/x', ALICE_READS)).toBe(403);
  expect(await move(id, 'alice/x', '')).toBe(401);
  expect(await move('alice/nope', 'alice/x')).toBe(404);
});

it('counts the folder where a crash came between the two steps of a move', async () => {
  const id = await hub.newRepo();
  const path = join(hub.dataDir(), 'repos', id, 'repo.json');
  const meta = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...meta, name: 'before' }));
  expect(await idOf(id)).toBe(id);
});
