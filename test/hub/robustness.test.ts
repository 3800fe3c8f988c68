import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubOptions, startHub } from '../../src/hub/index.ts';
import { ALICE, fileLine, gitSha1, TOKENS, useHub } from './running-hub.ts';

describe('hostile requests', () => {
  const hub = useHub();

  it('never become an internal error', async () => {
    const id = await hub.newRepo();
    const targets: [method: string, path: string][] = [
      ['POST', '/api/repos/create'],
      ['DELETE', '/api/repos/delete'],
      ['POST', '/api/validate-yaml'],
      ['PUT', `/api/models/${id}/settings`],
      ['POST', `/api/models/${id}/preupload/main`],
      ['POST', `/api/models/${id}/commit/main`],
      ['POST', `/api/models/${id}/paths-info/main`],
      ['POST', `/api/models/${id}/branch/x`],
      ['POST', `/api/models/${id}/tag/main`],
      ['POST', `/${id}.git/info/lfs/objects/batch`],
      ['POST', `/${id}.git/info/lfs/verify`],
    ];
    const key = fc.constantFrom(
      'key',
      'value',
      'name',
      'path',
      'paths',
      'files',
      'objects',
      'oid',
      'size',
      'tag',
      'content',
      'operation',
      'summary',
      '__proto__',
      'header',
      'file',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        tie('leaf'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
      leaf: fc.oneof(
        key,
        fc.string(),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.constant('upload'),
        fc.constant('a'.repeat(64)),
      ),
    }));
    const body = fc.oneof(
      tree.map((value) => JSON.stringify(value)),
      fc.string(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...targets), body, async ([method, path], text) => {
        const answer = await hub.call(path, { method, body: text });
        await answer.arrayBuffer();
        expect([path, text, answer.status < 500]).toEqual([path, text, true]);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('reach nothing outside the repositories, whatever the path says', async () => {
    const meta = {
      _id: '0'.repeat(24),
      namespace: 'x',
      name: 'y',
      private: false,
      gated: false,
      createdAt: '',
    };
    await mkdir(join(hub.dataDir(), 'outside'));
    await writeFile(join(hub.dataDir(), 'outside', 'repo.json'), JSON.stringify(meta));
    for (const path of [
      '/api/models/..%2Foutside/.',
      '/api/models/..%2F/outside',
      '/api/models/alice/..%2F..%2Foutside',
      '/..%2F/outside',
      '/..%2Foutside/./resolve/main/x',
    ]) {
      const answer = await hub.call(path);
      expect([path, answer.status]).toEqual([path, 404]);
    }
    const id = await hub.newRepo();
    for (const path of [
      '../../../../outside/repo.json',
      '..%2F..%2F..%2F..%2Foutside%2Frepo.json',
      '%2Fetc%2Fpasswd',
    ]) {
      expect((await hub.call(`/api/resolve-cache/models/${id}/main/${path}`)).status).toBe(404);
    }
    await rm(join(hub.dataDir(), 'outside'), { recursive: true });
  });

  it('do not learn of this machine when a file on disk is damaged', async () => {
    const id = await hub.newRepo();
    const content = randomBytes(150_000).toString('hex');
    await hub.commit(id, [fileLine('a.txt', content)]);
    const rows = (await (await hub.call(`/api/models/${id}/tree/main`)).json()) as {
      path: string;
      size: number;
    }[];
    expect(rows.find(({ path }) => path === 'a.txt')?.size).toBe(300_000);
    const oid = gitSha1(content);
    const object = join(
      hub.dataDir(),
      'repos',
      ...id.split('/'),
      'git',
      'objects',
      oid.slice(0, 2),
      oid.slice(2),
    );
    await writeFile(object, deflateSync(`blob 3\0bad`));
    const answer = await hub.call(`/${id}/raw/main/a.txt`);
    expect([answer.status, await answer.text()]).toEqual([500, 'Internal Error - the Hub could not do this']);
    expect(hub.lines.at(-1)).toMatchObject({
      status: 500,
      error: { message: `object ${oid} is damaged on disk` },
    });
  });

  it('do not disturb what comes after a body that was refused half-way', async () => {
    const id = await hub.newRepo();
    const big = Array.from({ length: 12 }, (_, index) =>
      fileLine(`${index}.txt`, 'x'.repeat(9 * 1024 * 1024)),
    );
    const refused = await hub.commit(id, big);
    expect([refused.status, ((await refused.json()) as { error: string }).error]).toEqual([
      413,
      expect.stringContaining('regular files'),
    ]);
    expect((await hub.call(`/api/models/${id}`)).status).toBe(200);
  });
});

describe('starting the Hub', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'hub-start-'));
  });
  afterAll(() => rm(dataDir, { recursive: true }));
  const start = (options: Partial<HubOptions>) => startHub({ dataDir, tokens: TOKENS, ...options });

  it('refuses tokens that no client could send, without showing them', async () => {
    const refused: HubOptions['tokens'][] = [
      [],
      [{ token: 'secret', user: 'alice', role: 'write' }],
      [{ token: 'hf_', user: 'alice', role: 'write' }],
      [{ token: ALICE, user: 'a/b', role: 'write' }],
      [{ token: ALICE, user: 'api', role: 'write' }],
      [{ token: ALICE, user: 'alice', role: 'write', orgs: ['..'] }],
    ];
    for (const tokens of refused) {
      const error: Error = await start({ tokens }).then(
        () => expect.unreachable(),
        (reason) => reason,
      );
      expect(error).toMatchObject({ name: 'HubwrightError', code: 'USAGE' });
      expect(error.message).not.toMatch(/secret|hf_alice/);
    }
  });

  it('says when the port is taken or the folder cannot be written', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(start({ port })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(String(port)),
    });
    await new Promise((resolve) => other.close(resolve));
    const file = join(dataDir, 'file');
    await writeFile(file, '');
    await expect(start({ dataDir: join(file, 'below') })).rejects.toMatchObject({ code: 'OUTPUT' });
  });

  it('closes while connections are open', async () => {
    const hub = await start({});
    expect(hub.url).toBe(`http://127.0.0.1:${hub.port}`);
    expect((await fetch(`${hub.url}/`)).status).toBe(200);
    await hub.close();
    await expect(fetch(hub.url)).rejects.toThrow();
  });
});
