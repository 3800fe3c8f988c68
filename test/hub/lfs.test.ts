import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadFile, uploadFiles } from '@huggingface/hub';
import { describe, expect, it } from 'vitest';
import { ALICE, ALICE_READS, BOB, fileLine, sha256, useHub } from './running-hub.ts';

const hub = useHub();

interface Action {
  readonly href: string;
  readonly header?: Record<string, string>;
}
interface Offer {
  readonly oid: string;
  readonly actions?: { readonly upload?: Action; readonly verify?: Action; readonly download?: Action };
  readonly error?: { readonly code: number };
}

async function askBatch(
  id: string,
  object: { oid: string; size: number },
  extra: object = {},
): Promise<Offer> {
  const answer = await hub.call(`/${id}.git/info/lfs/objects/batch`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/vnd.git-lfs+json' },
    body: JSON.stringify({
      operation: 'upload',
      transfers: ['basic', 'multipart'],
      objects: [object],
      hash_algo: 'sha_256',
      ...extra,
    }),
  });
  expect(answer.headers.get('content-type')).toContain('application/vnd.git-lfs+json');
  return ((await answer.json()) as { objects: [Offer] }).objects[0];
}
const put = (href: string, body: string | Uint8Array<ArrayBuffer>) =>
  hub.call(href, { method: 'PUT', body, token: '' });
const verify = (offer: Offer, object: object, token = ALICE) =>
  hub.call(offer.actions!.verify!.href, { method: 'POST', body: JSON.stringify(object), token });
const describeObject = (content: string) => ({ oid: sha256(content), size: content.length });
const commitLfs = (id: string, path: string, object: { oid: string; size?: number }) =>
  hub.commit(id, [{ key: 'lfsFile', value: { path, algo: 'sha256', ...object } }]);

async function storedFiles(): Promise<string[]> {
  const entries = await readdir(hub.dataDir(), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('LFS upload', () => {
  it('takes an object once, verifies it, and asks for it no more', async () => {
    const id = await hub.newRepo();
    const object = describeObject('weights');
    const offer = await askBatch(id, object);
    expect((await verify(offer, object)).status).toBe(404);
    expect((await put(offer.actions!.upload!.href, 'weights')).status).toBe(200);
    expect((await verify(offer, object)).status).toBe(200);
    expect((await verify(offer, { ...object, size: 3 })).status).toBe(400);
    expect((await verify(offer, object, ALICE_READS)).status).toBe(403);
    expect(await askBatch(id, object)).toEqual({ ...object, authenticated: true });
    // Another repository has its own storage.
    expect((await askBatch(await hub.newRepo(), object)).actions).toBeDefined();
  });

  it('refuses a body that is not what was announced, and keeps nothing of it', async () => {
    const id = await hub.newRepo();
    const object = describeObject('weights');
    const before = await storedFiles();
    const { href } = (await askBatch(id, object)).actions!.upload!;
    const wrongHash = await put(href, 'WEIGHTS');
    expect([wrongHash.status, await wrongHash.text()]).toEqual([400, expect.stringContaining('SHA-256')]);
    expect((await put(href, 'weight')).status).toBe(400);
    expect((await put(href, 'weights!')).status).toBe(400);
    expect((await put(href.replace(/signature=./, 'signature=x'), 'weights')).status).toBe(403);
    expect((await put(href.replace('size=7', 'size=8'), 'weights!')).status).toBe(403);
    expect((await put(href.replace('/alice/', '/acme/'), 'weights')).status).toBe(403);
    expect((await hub.call(href, { token: '' })).status).toBe(403);
    expect(await storedFiles()).toEqual(before);
    const refused = await commitLfs(id, 'w.bin', object);
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining('an LFS pointer pointed to a file that does not exist'),
    ]);
  });

  it('cannot store an empty object, as S3 cannot', async () => {
    const id = await hub.newRepo();
    const offer = await askBatch(id, describeObject(''));
    expect((await put(offer.actions!.upload!.href, '')).status).toBe(501);
  });

  it('revokes its URLs when it starts anew', async () => {
    const id = await hub.newRepo();
    const { href } = (await askBatch(id, describeObject('weights'))).actions!.upload!;
    const port = new URL(hub.url()).port;
    await hub.restart();
    expect((await put(href.replace(`:${port}`, `:${new URL(hub.url()).port}`), 'weights')).status).toBe(403);
  });

  it('refuses batches of those who may not write', async () => {
    const id = await hub.newRepo();
    const ask = async (token: string, operation = 'upload', ref = 'main') =>
      (
        await hub.call(`/${id}.git/info/lfs/objects/batch`, {
          method: 'POST',
          body: JSON.stringify({ operation, objects: [], ref: { name: ref } }),
          token,
        })
      ).status;
    expect(await Promise.all([ask(''), ask(BOB), ask(ALICE_READS), ask('', 'download')])).toEqual([
      401, 403, 403, 200,
    ]);
    // Whoever may read may propose: objects for a pull request are taken, and seen by nobody until it is merged.
    const toPull = (token: string) => ask(token, 'upload', 'refs/pr/1');
    expect(await Promise.all([toPull(BOB), toPull(ALICE_READS), toPull('')])).toEqual([200, 403, 401]);
    expect((await askBatch(id, describeObject('x'), { operation: 'download' })).error).toMatchObject({
      code: 404,
    });
    expect((await askBatch(id, { oid: sha256('x'), size: 501e9 })).error).toMatchObject({ code: 422 });
  });
});

describe('LFS in a commit', () => {
  it('knows an object by its id when the size is left out, as in a copy', async () => {
    const id = await hub.newRepo();
    const object = describeObject('weights');
    await put((await askBatch(id, object)).actions!.upload!.href, 'weights');
    expect((await commitLfs(id, 'a.bin', object)).status).toBe(200);
    expect((await commitLfs(id, 'b.bin', { oid: object.oid })).status).toBe(200);
    expect((await commitLfs(id, 'c.bin', { ...object, size: 8 })).status).toBe(400);
    const blob = await downloadFile({ repo: id, path: 'b.bin', hubUrl: hub.url() });
    expect(await blob?.text()).toBe('weights');
  });

  it('does not take a pointer file for text when its object is missing', async () => {
    const id = await hub.newRepo();
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256('gone')}\nsize 4\n`;
    const answer = await hub.commit(id, [fileLine('w.txt', pointer)]);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('LFS pointer')]);
  });

  it('adds one line for each path that .gitattributes does not cover, quoted for git', async () => {
    const id = await hub.newRepo();
    const object = describeObject('weights');
    await put((await askBatch(id, object)).actions!.upload!.href, 'weights');
    await commitLfs(id, 'tokenizer.json', object);
    const tree = (await (await hub.call(`/api/models/${id}/tree/main`)).json()) as {
      path: string;
      oid: string;
    }[];
    // The id that .gitattributes has on huggingface.co wherever tokenizer.json is the only such file.
    expect(tree.find(({ path }) => path === '.gitattributes')?.oid).toBe(
      '52373fe24473b1aa44333d318f578ae6bf04b49b',
    );
    await commitLfs(id, 'tokenizer.json', object);
    await commitLfs(id, 'my plot [1].png', object);
    const text = await (await hub.call(`/${id}/raw/main/.gitattributes`)).text();
    expect(text.split('\n').slice(35)).toEqual([
      'tokenizer.json filter=lfs diff=lfs merge=lfs -text',
      'my[[:space:]]plot[[:space:]]\\[1\\].png filter=lfs diff=lfs merge=lfs -text',
      '',
    ]);
  });
});

describe('multipart upload', () => {
  const size = 70 * 1024 * 1024;
  const content = new Uint8Array(size).map((_, index) => index % 253);
  const object = { oid: sha256(content), size };

  it('takes a large file from the client in parts', async () => {
    const id = await hub.newRepo();
    const seen = hub.lines.length;
    await uploadFiles({
      repo: id,
      accessToken: ALICE,
      hubUrl: hub.url(),
      files: [{ path: 'm.bin', content: new Blob([content]) }],
      useXet: false,
    });
    const puts = hub.lines.slice(seen).filter(({ method }) => method === 'PUT');
    expect(puts).toHaveLength(5);
    expect(puts.every(({ path }) => path.includes('part='))).toBe(true);
    const blob = await downloadFile({ repo: id, path: 'm.bin', hubUrl: hub.url() });
    const hash = createHash('sha256').update(new Uint8Array(await blob!.arrayBuffer()));
    expect(hash.digest('hex')).toBe(object.oid);
  });

  it('gives a client that knows no parts one URL', async () => {
    const id = await hub.newRepo();
    expect((await askBatch(id, object, { transfers: ['basic'] })).actions?.upload?.header).toBeUndefined();
  });

  it('checks every part, every ETag and the whole', async () => {
    const id = await hub.newRepo();
    const { upload } = (await askBatch(id, object)).actions!;
    const urls = Object.entries(upload!.header!).filter(([key]) => key !== 'chunk_size');
    expect(urls.map(([key]) => key)).toEqual(['00001', '00002', '00003', '00004', '00005']);
    const step = Number(upload!.header!.chunk_size);
    const complete = (parts: object[]) =>
      hub.call(upload!.href, { method: 'POST', body: JSON.stringify({ oid: object.oid, parts }), token: '' });
    expect((await put(urls[0]![1], content.slice(0, step - 1))).status).toBe(400);
    expect((await complete([])).status).toBe(400);
    const parts: { partNumber: number; etag: string | null }[] = [];
    for (const [index, [, url]] of urls.entries()) {
      // The third part is sent wrong: each part's length is right, the whole is not.
      const body = content.slice(index * step, (index + 1) * step);
      if (index === 2) body[0] = 255;
      const answer = await put(url, body);
      expect(answer.status).toBe(200);
      parts.push({ partNumber: index + 1, etag: answer.headers.get('etag') });
    }
    expect((await complete(parts.map((part) => ({ ...part, etag: '"x"' })))).status).toBe(400);
    const refused = await complete(parts);
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('SHA-256')]);
    expect((await askBatch(id, object)).actions?.upload).toBeDefined();
  });
});
