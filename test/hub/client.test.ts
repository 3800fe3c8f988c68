import {
  checkRepoAccess,
  commit,
  countCommits,
  createBranch,
  createRepo,
  deleteBranch,
  deleteFile,
  deleteRepo,
  downloadFile,
  fileDownloadInfo,
  fileExists,
  listCommits,
  listFiles,
  modelInfo,
  pathsInfo,
  repoExists,
  uploadFiles,
} from '@huggingface/hub';
import { describe, expect, it } from 'vitest';
import { ALICE, gitSha1, sha256, useHub } from './running-hub.ts';

const hub = useHub();
const at = () => ({ hubUrl: hub.url(), accessToken: ALICE });

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function uploadAll(params: Parameters<typeof uploadFiles>[0]): Promise<{ oid: string; url: string }> {
  const output = await uploadFiles(params);
  if (output === undefined) throw new Error('the client returned no commit');
  return output.commit;
}

describe('@huggingface/hub against the local Hub', () => {
  it('creates a repository with the .gitattributes of the real Hub', async () => {
    const repo = 'alice/first';
    const { repoUrl, id } = await createRepo({ ...at(), repo });
    expect(repoUrl).toBe(`${hub.url()}/${repo}`);
    expect(id).toMatch(/^[0-9a-f]{24}$/);
    const files = await collect(listFiles({ ...at(), repo }));
    // The id that this file has in repositories on huggingface.co.
    expect(files).toMatchObject([
      { path: '.gitattributes', size: 1519, oid: 'a6344aac8c09253b3b630fb776ae94478aa0275b' },
    ]);
    await expect(createRepo({ ...at(), repo })).rejects.toMatchObject({ statusCode: 409 });
    await expect(createRepo({ ...at(), repo: 'alice/First' })).rejects.toMatchObject({ statusCode: 409 });
  });

  it('starts a repository with a licence and files', async () => {
    const repo = 'alice/with-files';
    const files = [{ path: '.gitattributes', content: new Blob(['*.csv filter=lfs']) }];
    await createRepo({ ...at(), repo, license: 'mit', files });
    const read = async (path: string) => (await downloadFile({ ...at(), repo, path }))?.text();
    expect(await read('.gitattributes')).toBe('*.csv filter=lfs');
    expect(await read('README.md')).toBe('---\nlicense: mit\n---\n');
    expect((await collect(listCommits({ ...at(), repo }))).map(({ title }) => title)).toEqual([
      'initial commit',
    ]);
    await expect(createRepo({ ...at(), repo: 'alice/bad', license: 'nope' })).rejects.toMatchObject({
      statusCode: 400,
    });
    expect(await repoExists({ ...at(), repo: 'alice/bad' })).toBe(false);
  });

  it('commits regular and LFS files and gives the same bytes back', async () => {
    const repo = await hub.newRepo();
    const text = '{"a": 1}\n';
    const weights = new Uint8Array(300_000).map((_, index) => (index * 7919) % 251);
    const done = await uploadAll({
      ...at(),
      repo,
      commitTitle: 'Add a model',
      files: [
        { path: 'config.json', content: new Blob([text]) },
        { path: 'model.safetensors', content: new Blob([weights]) },
        { path: 'sub/dir/plot.png', content: new Blob([new Uint8Array([0x89, 0x50, 0, 0xff])]) },
      ],
    });
    expect(done.oid).toMatch(/^[0-9a-f]{40}$/);
    expect(done.url).toBe(`${hub.url()}/${repo}/commit/${done.oid}`);

    const files = await collect(listFiles({ ...at(), repo, recursive: true, expand: true }));
    expect(files.map(({ path }) => path).sort()).toEqual([
      '.gitattributes',
      'config.json',
      'model.safetensors',
      'sub',
      'sub/dir',
      'sub/dir/plot.png',
    ]);
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(weights)}\nsize 300000\n`;
    expect(files.find(({ path }) => path === 'model.safetensors')).toMatchObject({
      oid: gitSha1(pointer),
      size: 300_000,
      lfs: { oid: sha256(weights), size: 300_000, pointerSize: pointer.length },
      lastCommit: { id: done.oid, title: 'Add a model' },
    });
    expect(files.find(({ path }) => path === 'config.json')).toMatchObject({ oid: gitSha1(text) });
    // A binary file that no pattern covers got a line of its own.
    const attributes = await downloadFile({ ...at(), repo, path: '.gitattributes' });
    expect((await attributes?.text())?.split('\n').slice(-2)).toEqual([
      'sub/dir/plot.png filter=lfs diff=lfs merge=lfs -text',
      '',
    ]);

    expect(await (await downloadFile({ ...at(), repo, path: 'config.json' }))?.text()).toBe(text);
    const blob = await downloadFile({ ...at(), repo, path: 'model.safetensors' });
    expect(new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(weights);
    const slice = await blob?.slice(1000, 2000).arrayBuffer();
    expect(new Uint8Array(slice ?? new ArrayBuffer(0))).toEqual(weights.slice(1000, 2000));
    expect(await fileDownloadInfo({ ...at(), repo, path: 'model.safetensors' })).toMatchObject({
      size: 300_000,
      etag: `"${sha256(weights)}"`,
    });
    const raw = await downloadFile({ ...at(), repo, path: 'model.safetensors', raw: true });
    expect(await raw?.text()).toBe(pointer);
  });

  it('tells what exists and what does not', async () => {
    const repo = await hub.newRepo();
    expect(await fileExists({ ...at(), repo, path: '.gitattributes' })).toBe(true);
    expect(await fileExists({ ...at(), repo, path: 'nope' })).toBe(false);
    expect(await downloadFile({ ...at(), repo, path: 'nope' })).toBeNull();
    expect(await repoExists({ ...at(), repo })).toBe(true);
    expect(await repoExists({ ...at(), repo: 'alice/nope' })).toBe(false);
    await checkRepoAccess({ ...at(), repo });
    await expect(checkRepoAccess({ ...at(), repo: 'alice/nope' })).rejects.toMatchObject({ statusCode: 404 });
    await expect(checkRepoAccess({ hubUrl: hub.url(), repo: 'alice/nope' })).rejects.toMatchObject({
      statusCode: 401,
    });
    expect(await pathsInfo({ ...at(), repo, paths: ['.gitattributes', 'nope'] })).toHaveLength(1);
  });

  it('refuses a commit whose parent is not the head any more', async () => {
    const repo = await hub.newRepo();
    const [first] = await collect(listCommits({ ...at(), repo }));
    const add = (path: string, parentCommit: string) =>
      commit({
        ...at(),
        repo,
        title: path,
        parentCommit,
        operations: [{ operation: 'addOrUpdate', path, content: new Blob([path]) }],
      });
    const second = await add('a.txt', first!.oid);
    await expect(add('b.txt', first!.oid)).rejects.toMatchObject({ statusCode: 412 });
    await add('c.txt', second!.commit.oid.slice(0, 8));
    expect((await collect(listCommits({ ...at(), repo, batchSize: 1 }))).map(({ title }) => title)).toEqual([
      'c.txt',
      'a.txt',
      'initial commit',
    ]);
    expect(await countCommits({ ...at(), repo })).toBe(3);
  });

  it('deletes files and folders', async () => {
    const repo = await hub.newRepo();
    await uploadAll({
      ...at(),
      repo,
      files: ['x/1.txt', 'x/y/2.txt', 'keep.txt'].map((path) => ({ path, content: new Blob([path]) })),
    });
    await deleteFile({ ...at(), repo, path: 'x' });
    expect((await collect(listFiles({ ...at(), repo, recursive: true }))).map(({ path }) => path)).toEqual([
      '.gitattributes',
      'keep.txt',
    ]);
    await expect(deleteFile({ ...at(), repo, path: 'x' })).rejects.toMatchObject({ statusCode: 404 });
  });

  it('describes a model from its card, its config and its files', async () => {
    const repo = await hub.newRepo();
    const card =
      '---\nlicense: mit\npipeline_tag: text-classification\nlibrary_name: transformers\ntags: [reward-model]\nbase_model: answerdotai/ModernBERT-base\n---\n# hi\n';
    await uploadAll({
      ...at(),
      repo,
      files: [
        { path: 'README.md', content: new Blob([card]) },
        { path: 'config.json', content: new Blob(['{"model_type": "x", "auto_map": {"AutoModel": "m.M"}}']) },
      ],
    });
    const info = await modelInfo({
      ...at(),
      name: repo,
      additionalFields: ['cardData', 'tags', 'sha', 'library_name', 'filePaths'],
    });
    expect(info).toMatchObject({
      name: repo,
      task: 'text-classification',
      private: false,
      gated: false,
      library_name: 'transformers',
      cardData: { license: 'mit' },
      filePaths: ['.gitattributes', 'README.md', 'config.json'],
    });
    expect(info.tags).toEqual(
      expect.arrayContaining([
        'license:mit',
        'reward-model',
        'custom_code',
        'base_model:answerdotai/ModernBERT-base',
      ]),
    );
  });

  it('creates, resets and deletes branches', async () => {
    const repo = await hub.newRepo();
    await uploadAll({ ...at(), repo, files: [{ path: 'a.txt', content: new Blob(['a']) }] });
    await createBranch({ ...at(), repo, branch: 'feature/one' });
    expect(await fileExists({ ...at(), repo, path: 'a.txt', revision: 'feature/one' })).toBe(true);
    await expect(createBranch({ ...at(), repo, branch: 'feature/one' })).rejects.toMatchObject({
      statusCode: 409,
    });
    await createBranch({ ...at(), repo, branch: 'feature/one', empty: true, overwrite: true });
    expect(await downloadFile({ ...at(), repo, path: 'a.txt', revision: 'feature/one' })).toBeNull();
    await uploadAll({
      ...at(),
      repo,
      branch: 'feature/one',
      files: [{ path: 'b.txt', content: new Blob(['b']) }],
    });
    expect(await fileExists({ ...at(), repo, path: 'b.txt' })).toBe(false);
    await deleteBranch({ ...at(), repo, branch: 'feature/one' });
    await expect(deleteBranch({ ...at(), repo, branch: 'feature/one' })).rejects.toMatchObject({
      statusCode: 404,
    });
    await expect(deleteBranch({ ...at(), repo, branch: 'main' })).rejects.toMatchObject({ statusCode: 403 });
  });

  it('forgets a deleted repository, LFS objects included', async () => {
    const repo = await hub.newRepo();
    const files = [{ path: 'w.bin', content: new Blob(['weights']) }];
    await uploadAll({ ...at(), repo, files });
    await deleteRepo({ ...at(), repo });
    expect(await repoExists({ ...at(), repo })).toBe(false);
    await createRepo({ ...at(), repo });
    expect(await downloadFile({ ...at(), repo, path: 'w.bin' })).toBeNull();
    await uploadAll({ ...at(), repo, files });
    expect(await (await downloadFile({ ...at(), repo, path: 'w.bin' }))?.text()).toBe('weights');
  });

  it('keeps everything over a restart', async () => {
    const repo = await hub.newRepo();
    const done = await uploadAll({
      ...at(),
      repo,
      files: [
        { path: 'a.txt', content: new Blob(['text']) },
        { path: 'w.bin', content: new Blob(['weights']) },
      ],
    });
    await createBranch({ ...at(), repo, branch: 'kept' });
    await hub.restart();
    expect(await (await downloadFile({ ...at(), repo, path: 'a.txt', revision: 'kept' }))?.text()).toBe(
      'text',
    );
    expect(await (await downloadFile({ ...at(), repo, path: 'w.bin', revision: done.oid }))?.text()).toBe(
      'weights',
    );
  });

  it('rejects a card that the real Hub rejects, and nothing of that commit stays', async () => {
    const repo = await hub.newRepo();
    const upload = uploadAll({
      ...at(),
      repo,
      files: [
        { path: 'README.md', content: new Blob(['---\nlicense: nonsense\n---\n']) },
        { path: 'a.txt', content: new Blob(['a']) },
      ],
    });
    await expect(upload).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('"license" must be one of [apache-2.0, mit'),
    });
    expect(await fileExists({ ...at(), repo, path: 'a.txt' })).toBe(false);
  });
});
