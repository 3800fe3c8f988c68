import { createBranch, listCommits, listFiles, uploadFiles } from '@huggingface/hub';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ALICE, fileLine, useHub } from './running-hub.ts';

const hub = useHub();

it('answers 409 while another commit is being written', async () => {
  const id = await hub.newRepo();
  // Storing a hundred folders takes far longer than the four take to arrive one after the other.
  const files = Array.from({ length: 100 }, (_, index) => fileLine(`folder-${index}/file.txt`, `${index}`));
  const answers = await Promise.all(
    [1, 2, 3, 4].map((n) => hub.commit(id, [...files, fileLine(`own/${n}.txt`, `${n}`)])),
  );
  const refused = answers.filter(({ status }) => status !== 200);
  expect(answers.some(({ status }) => status === 200)).toBe(true);
  expect(refused.map(({ status }) => status)).toContain(409);
  expect(await refused[0]?.json()).toEqual({
    error: 'Another commit operation is in progress for this repository. Please try again later.',
  });
  expect((await hub.commit(id, [fileLine('later.txt', 'later')])).status).toBe(200);
});

it('gives every commit that succeeded its place in one history', async () => {
  const repo = await hub.newRepo();
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => hub.commit(repo, [fileLine(`${index}.txt`, `${index}`)])),
  );
  const statuses = answers.map(({ status }) => status);
  const landed = statuses.flatMap((status, index) => (status === 200 ? [`${index}.txt`] : []));
  expect(landed.length).toBeGreaterThan(0);
  expect(statuses.every((status) => status === 200 || status === 409)).toBe(true);
  const files: string[] = [];
  for await (const { path } of listFiles({ repo, hubUrl: hub.url() })) files.push(path);
  expect(files.sort()).toEqual(['.gitattributes', ...landed].sort());
  let commits = 0;
  for await (const _ of listCommits({ repo, hubUrl: hub.url() })) commits += 1;
  expect(commits).toBe(landed.length + 1);
});

it('keeps refs that are changed at the same time', async () => {
  const repo = await hub.newRepo();
  const branches = Array.from({ length: 20 }, (_, index) => `b/${index}`);
  await Promise.all(
    branches.map((branch) => createBranch({ repo, branch, hubUrl: hub.url(), accessToken: ALICE })),
  );
  const refs = (await (await hub.call(`/api/models/${repo}/refs`)).json()) as {
    branches: { name: string }[];
  };
  expect(refs.branches.map(({ name }) => name).sort()).toEqual([...branches, 'main'].sort());
});

it('gives back any content under any path that it takes', async () => {
  const repo = await hub.newRepo();
  const part = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
    .filter((text) => !/[/\\\p{C}?#%]/u.test(text) && !/^\.*$|^\.git$/i.test(text));
  const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const content = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 2000 }),
    fc.string({ minLength: 1 }).map((text) => new TextEncoder().encode(text)),
  );
  await fc.assert(
    fc.asyncProperty(path, content, async (name, bytes) => {
      // The file's folder is new each time: a name may be a folder in one run and a file in another.
      const full = `${crypto.randomUUID()}/${name}`;
      await uploadFiles({
        repo,
        accessToken: ALICE,
        hubUrl: hub.url(),
        files: [{ path: full, content: new Blob([bytes as Uint8Array<ArrayBuffer>]) }],
      });
      const url = `/${repo}/resolve/main/${full.split('/').map(encodeURIComponent).join('/')}`;
      const answer = await hub.call(url, { redirect: 'follow' });
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array(bytes));
    }),
    { numRuns: 25, seed: 1 },
  );
});
