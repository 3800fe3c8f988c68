import { createRepo, deleteRepo, downloadFile, repoExists, uploadFiles, whoAmI } from '@huggingface/hub';
import { describe, expect, it } from 'vitest';
import { ALICE, ALICE_READS, BOB, useHub } from './running-hub.ts';

const hub = useHub();
const at = () => ({ hubUrl: hub.url(), accessToken: ALICE });

describe('who may do what, through @huggingface/hub', () => {
  it('knows who calls', async () => {
    expect(await whoAmI(at())).toMatchObject({
      type: 'user',
      name: 'alice',
      orgs: [{ name: 'acme' }],
      auth: { accessToken: { role: 'write' } },
    });
    await expect(whoAmI({ hubUrl: hub.url(), accessToken: 'hf_nobody' })).rejects.toMatchObject({
      statusCode: 401,
      message: expect.stringContaining('Invalid credentials in Authorization header'),
    });
  });

  it('lets only owners with a write token write', async () => {
    const repo = await hub.newRepo();
    const upload = (accessToken: string) =>
      uploadFiles({ hubUrl: hub.url(), accessToken, repo, files: [{ path: 'a', content: new Blob(['a']) }] });
    await expect(upload(ALICE_READS)).rejects.toMatchObject({
      statusCode: 403,
      message: expect.stringContaining('you must use a write token'),
    });
    await expect(upload(BOB)).rejects.toMatchObject({ statusCode: 403 });
    await expect(upload('hf_nobody')).rejects.toMatchObject({ statusCode: 401 });
    await expect(
      createRepo({ hubUrl: hub.url(), accessToken: BOB, repo: 'alice/mine' }),
    ).rejects.toMatchObject({
      statusCode: 403,
      message: expect.stringContaining(
        'You don\'t have the rights to create a model under the namespace "alice"',
      ),
    });
    await expect(deleteRepo({ hubUrl: hub.url(), accessToken: BOB, repo })).rejects.toMatchObject({
      statusCode: 403,
    });
    await createRepo({ ...at(), repo: 'acme/team' });
  });

  it('hides a private repository from everybody else', async () => {
    const repo = await hub.newRepo({ private: true });
    const path = '.gitattributes';
    expect(await (await downloadFile({ ...at(), repo, path }))?.text()).toContain('filter=lfs');
    await expect(downloadFile({ hubUrl: hub.url(), repo, path })).rejects.toMatchObject({ statusCode: 401 });
    await expect(downloadFile({ hubUrl: hub.url(), accessToken: BOB, repo, path })).rejects.toMatchObject({
      statusCode: 404,
    });
    expect(await repoExists({ hubUrl: hub.url(), accessToken: BOB, repo })).toBe(false);
  });
});
