import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { download } from '../../src/publish/download.ts';
import { FILES, REPO, setStage, TOKEN } from './stage.ts';

type Fetch = typeof fetch;

/** Passes requests on, but lets `damage` change what comes back for one file. */
function through(path: string, damage: (content: Buffer) => Buffer): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!String(input).endsWith(path)) return response;
    return new Response(new Uint8Array(damage(Buffer.from(await response.arrayBuffer()))));
  };
}

test('what was published comes back byte for byte, at a tag as well', async () => {
  const stage = await setStage();
  await stage.change(FILES);
  const { commit } = await stage.publish({ tag: 'v1' });
  for (const revision of ['main', 'v1', commit?.oid]) {
    const dir = join(stage.dir, '..', `copy-${revision}`);
    expect(await download(dir, { repo: REPO, hubUrl: stage.hubUrl, accessToken: TOKEN, revision })).toBe(
      commit?.oid,
    );
    for (const [path, content] of Object.entries(FILES)) {
      expect(await readFile(join(dir, path))).toEqual(Buffer.from(content));
    }
  }
});

test('a public model needs no token', async () => {
  const stage = await setStage();
  await stage.change(FILES);
  await stage.publish();
  await download(join(stage.dir, '../copy'), { repo: REPO, hubUrl: stage.hubUrl });
});

test.each(['model.safetensors', 'test_set.csv'])(
  'a changed byte of %s is seen, and nothing is left of it',
  async (path) => {
    const stage = await setStage();
    await stage.change(FILES);
    await stage.publish();
    const dir = join(stage.dir, '../copy');
    const flip = (content: Buffer) => {
      content[3] = (content[3] ?? 0) ^ 1;
      return content;
    };
    const fetch = through(path, flip);
    await expect(download(dir, { repo: REPO, hubUrl: stage.hubUrl, fetch })).rejects.toMatchObject({
      code: 'HUB_MISMATCH',
      message: expect.stringContaining(path),
    });
    expect(await readdir(dir)).not.toContain(path);
  },
);

test.each(['../outside', '/etc/outside', 'a/../../outside'])('a listed path %s is refused', async (path) => {
  const stage = await setStage();
  await stage.change(FILES);
  await stage.publish();
  const fetch: Fetch = async (input, init) => {
    const response = await globalThis.fetch(input, init);
    if (!String(input).includes('/tree/')) return response;
    const [row, ...rows] = (await response.json()) as object[];
    return Response.json([{ ...row, path, type: 'file' }, ...rows]);
  };
  await expect(
    download(join(stage.dir, '../copy'), { repo: REPO, hubUrl: stage.hubUrl, fetch }),
  ).rejects.toMatchObject({
    code: 'HUB_MISMATCH',
  });
});

test('a private model without a token asks for one; with a wrong one it says that', async () => {
  const stage = await setStage();
  await stage.publish({ private: true });
  const hint = (accessToken: string | undefined) =>
    download(join(stage.dir, '../copy'), { repo: REPO, hubUrl: stage.hubUrl, accessToken }).then(
      () => 'it was downloaded',
      ({ hint }) => hint,
    );
  expect(await hint(undefined)).toMatch(/^no usable token was found: set HF_TOKEN, or run hf auth login/);
  expect(await hint('hf_nobody')).toMatch(/^the token is wrong or has expired/);
  expect(await hint(TOKEN)).toBe('it was downloaded');
});

test('a repository or revision that is not there', async () => {
  const stage = await setStage();
  await stage.change(FILES);
  await stage.publish();
  const dir = join(stage.dir, '../copy');
  await expect(
    download(dir, { repo: 'me/nothing', hubUrl: stage.hubUrl, accessToken: TOKEN }),
  ).rejects.toMatchObject({
    code: 'HUB_REFUSED',
  });
  await expect(download(dir, { repo: REPO, hubUrl: stage.hubUrl, revision: 'v9' })).rejects.toMatchObject({
    code: 'HUB_REFUSED',
  });
});
