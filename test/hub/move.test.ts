import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ALICE_READS, BOB, fileLine, useHub } from './running-hub.ts';

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
  expect((await hub.call(`/api/models/${id}`)).status).toBe(404);
  expect(await idOf('acme/renamed')).toBe('acme/Renamed');
  expect(await (await hub.call('/acme/Renamed/raw/main/a.txt')).text()).toBe('hello');
  expect((await hub.call('/api/models/acme/Renamed/discussions/1')).status).toBe(200);
  expect((await hub.commit('acme/Renamed', [fileLine('b', 'b')])).status).toBe(200);
  await hub.restart();
  expect(await idOf('acme/renamed')).toBe('acme/Renamed');
  expect(await move('acme/Renamed', 'acme/renamed')).toBe(409);
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
