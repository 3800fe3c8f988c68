import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask, look } from './look.ts';
import { commitBeside, OTHER_TOKEN, REPO, type Stage, setStage } from './stage.ts';

const WRITES = /^(PUT|DELETE|POST .*\/(commit|branch|tag|discussions|settings|create|batch)\b)/;

interface Discussion {
  readonly title: string;
  readonly status: string;
  readonly events: { type: string; data: { latest?: { raw: string } } }[];
}

async function readPull(stage: Stage, num = 1): Promise<{ status: string; text: string; commits: number }> {
  const { status, events } = (await ask(stage, REPO, `/discussions/${num}`)) as Discussion;
  const text = events.find(({ type }) => type === 'comment')?.data.latest?.raw ?? '';
  return { status, text, commits: events.filter(({ type }) => type === 'commit').length };
}

const change = (stage: Stage, version: number) =>
  stage.change({
    'config.json': `{"version": ${version}}\n`,
    'model.safetensors': Buffer.alloc(2_000, version),
  });

describe('a pull request', () => {
  test('is opened with the report, and left main as it was', async () => {
    const stage = await setStage();
    const first = await stage.publish();
    await change(stage, 2);
    const result = await stage.publish({ pullRequest: true });
    expect(result.pullRequest).toEqual({ number: 1, url: `${stage.hubUrl}/${REPO}/discussions/1` });
    expect(result.plan).toMatchObject({ branch: 'main', pullRequest: { number: null }, createBranch: false });
    expect(await look(stage, REPO, 'refs/pr/1')).toMatchObject({ complete: true, head: result.commit?.oid });
    expect(await stage.head()).toBe(first.commit?.oid);
    const { status, text, commits } = await readPull(stage);
    expect([status, commits]).toEqual(['open', 1]);
    expect(text).toContain('Verified: 14 passed');
    expect(text).toContain('| eval\\_rmse | 0.123457 | 0.123457 |');
    expect(text).toMatch(/\| config\.json \| update \| \d+ \| [0-9a-f]{12} \|/);
  });

  test('is updated by the next run, and by one that has nothing to commit left alone', async () => {
    const stage = await setStage();
    await stage.publish();
    await change(stage, 2);
    await stage.publish({ pullRequest: true });
    await change(stage, 3);
    const second = await stage.publish({ pullRequest: true, message: 'Better' });
    expect(second.pullRequest?.number).toBe(1);
    expect(await look(stage, REPO, 'refs/pr/1')).toMatchObject({ complete: true, head: second.commit?.oid });
    expect((await readPull(stage)).commits).toBe(2);
    stage.requests.length = 0;
    const third = await stage.publish({ pullRequest: true });
    expect(third).toMatchObject({ commit: null, pullRequest: { number: 1 } });
    expect((await readPull(stage)).commits).toBe(2);
    expect(stage.requests.filter((request) => request.includes('/commit/'))).toEqual([]);
  });

  test('is not opened when main has everything already, nor by a dry run', async () => {
    const stage = await setStage();
    await stage.publish();
    expect(await stage.publish({ pullRequest: true })).toMatchObject({ commit: null, pullRequest: null });
    await change(stage, 2);
    stage.requests.length = 0;
    const dry = await stage.publish({ pullRequest: true, dryRun: true });
    expect(dry).toMatchObject({ commit: null, pullRequest: null, plan: { pullRequest: { number: null } } });
    expect(stage.requests.filter((request) => WRITES.test(request))).toEqual([]);
    expect(await ask(stage, REPO, '/discussions/1')).toBeUndefined();
  });

  test('is open to those who may not write, and to nobody without a repository', async () => {
    const stage = await setStage();
    const missing = await stage.fail({ pullRequest: true });
    expect([missing.code, missing.message]).toEqual([
      'HUB_REFUSED',
      `there is no ${REPO} to open a pull request on`,
    ]);
    await stage.publish();
    await change(stage, 2);
    const result = await stage.publish({ pullRequest: true, accessToken: OTHER_TOKEN });
    expect(await look(stage, REPO, 'refs/pr/1')).toMatchObject({ complete: true, head: result.commit?.oid });
  });

  test('of somebody else, or by hand, is not taken for ours', async () => {
    const stage = await setStage();
    await stage.publish();
    await change(stage, 2);
    await stage.publish({ pullRequest: true, accessToken: OTHER_TOKEN });
    expect((await stage.publish({ pullRequest: true })).pullRequest?.number).toBe(2);
  });

  test.each([{ tag: 'v1' }, { branch: 'release' }])('with %j is refused before any request', async (more) => {
    const stage = await setStage();
    const error = await stage.fail({ pullRequest: true, ...more });
    expect(error.code).toBe('USAGE');
    expect(stage.requests).toEqual([]);
  });
});

describe('a branch', () => {
  test('is made from main, committed to, and found again', async () => {
    const stage = await setStage();
    const first = await stage.publish();
    await change(stage, 2);
    const result = await stage.publish({ branch: 'release/1.0', tag: 'v1' });
    expect(result.plan).toMatchObject({ branch: 'release/1.0', createBranch: true, head: first.commit?.oid });
    expect(await look(stage, REPO, 'release/1.0')).toMatchObject({
      complete: true,
      head: result.commit?.oid,
      commits: 3,
      tags: { v1: result.commit?.oid },
    });
    expect(await stage.head()).toBe(first.commit?.oid);
    expect(await stage.publish({ branch: 'release/1.0' })).toMatchObject({ commit: null });
    await change(stage, 3);
    expect((await stage.publish({ branch: 'release/1.0' })).plan.createBranch).toBe(false);
  });

  test('is made even where main has these files, and goes to a new repository too', async () => {
    const stage = await setStage();
    const result = await stage.publish({ branch: 'release' });
    expect(await look(stage, REPO, 'release')).toMatchObject({ complete: true, head: result.commit?.oid });
    expect((await look(stage, REPO)).complete).toBe(false);
    const copy = await stage.publish({ branch: 'copy', tag: 'v1' });
    expect(copy.commit).not.toBeNull();
    await stage.publish();
    const same = await stage.publish({ branch: 'third' });
    expect([same.commit, (await look(stage, REPO, 'third')).complete]).toEqual([null, true]);
  });

  test.each(['refs/heads/x', 'a..b', '-x', 'a b', 'x.lock', 'a/', '\u001b[31m'])(
    '%j is no name',
    async (name) => {
      const stage = await setStage();
      for (const options of [{ branch: name }, { tag: name }]) {
        const error = await stage.fail(options);
        expect(error.code).toBe('USAGE');
        expect(error.message).not.toContain('\u001b');
      }
      expect(stage.requests).toEqual([]);
    },
  );
});

describe('settings', () => {
  const settings = async (stage: Stage) => {
    const { private: isPrivate, gated } = (await ask(stage, REPO, '')) as {
      private: boolean;
      gated: unknown;
    };
    return [isPrivate, gated];
  };

  test('a new repository is private and gated before its files are there', async () => {
    const stage = await setStage();
    await stage.publish({ private: true, gated: 'manual' });
    expect(await settings(stage)).toEqual([true, 'manual']);
    const order = ['create', 'settings', 'commit'].map((word) =>
      stage.requests.findIndex((request) => request.includes(`/${word}`)),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test('one that is there is changed where that is asked for, also without a commit', async () => {
    const stage = await setStage();
    await stage.publish();
    const result = await stage.publish({ private: true, gated: 'auto' });
    expect(result).toMatchObject({ commit: null, plan: { visibility: { from: 'public', to: 'private' } } });
    expect(await settings(stage)).toEqual([true, 'auto']);
    stage.requests.length = 0;
    await stage.publish({ private: false });
    expect(await settings(stage)).toEqual([true, 'auto']);
    expect(stage.requests.filter((request) => WRITES.test(request))).toEqual([]);
    await stage.publish({ gated: false });
    expect(await settings(stage)).toEqual([true, false]);
  });
});

describe('prune', () => {
  test('deletes what an earlier publish sent, in the same commit, and keeps what others did', async () => {
    const stage = await setStage();
    await stage.change({ 'old.bin': Buffer.alloc(100, 1), 'docs/old.md': 'old\n' });
    await stage.publish();
    await commitBeside(stage.hubUrl, 'theirs.txt');
    await rm(join(stage.dir, 'old.bin'));
    await rm(join(stage.dir, 'docs'), { recursive: true });
    await stage.change({});
    const kept = await stage.publish();
    expect(kept.plan.kept).toEqual(['.gitattributes', 'docs/old.md', 'old.bin', 'theirs.txt']);
    // The report on the Hub is about the new files now: what it does not name is nobody's known file.
    expect((await stage.publish({ prune: 'published' })).plan.deleted).toEqual([]);
    const result = await stage.publish({ prune: 'all' });
    expect(result.plan.deleted.map(({ path }) => path)).toEqual(['docs/old.md', 'old.bin', 'theirs.txt']);
    expect((await look(stage, REPO)).paths).not.toContain('old.bin');
    expect((await look(stage, REPO)).complete).toBe(true);
    expect((await look(stage, REPO)).paths).toContain('.gitattributes');
  });

  test('in the run that drops the files', async () => {
    const stage = await setStage();
    await stage.change({ 'old.bin': Buffer.alloc(100, 1) });
    await stage.publish();
    await commitBeside(stage.hubUrl, 'theirs.txt');
    await rm(join(stage.dir, 'old.bin'));
    await stage.change({});
    const result = await stage.publish({ prune: 'published' });
    expect(result.plan.deleted).toMatchObject([
      { path: 'old.bin', action: 'delete', mode: 'lfs', size: 100, reason: 'an earlier publish sent it' },
    ]);
    expect(await look(stage, REPO)).toMatchObject({ complete: true, commits: 4 });
    expect((await look(stage, REPO)).paths).toContain('theirs.txt');
  });
});

describe('credentials in a bundle', () => {
  test('stop the publish, by file and line, and are not repeated', async () => {
    const stage = await setStage();
    const secret = ['ghp', 'q9X2'.repeat(9)].join('_');
    await stage.change({
      'test_set.csv': `a,b\n1,${secret}\n`,
      'training_args.bin': Buffer.from(`\0\0${secret}`),
    });
    const error = await stage.fail();
    expect(error.code).toBe('INPUT_INVALID');
    expect(error.message).toBe(
      'credentials would be published: test_set.csv:2 (GitHub token), training_args.bin (GitHub token)',
    );
    expect(JSON.stringify(error)).not.toContain(secret);
    expect(stage.requests).toEqual([]);
  });
});

test('a file that is not in the lock stops the publish', async () => {
  const stage = await setStage();
  await writeFile(join(stage.dir, '.env'), 'A=1\n');
  expect(await stage.fail()).toMatchObject({ code: 'NOT_VERIFIED' });
});

describe('a check of the published copy', () => {
  test('comes after the commit and before the tag', async () => {
    const stage = await setStage();
    let seen: unknown;
    const result = await stage.publish({
      tag: 'v1',
      verifyCopy: async (commit) => {
        seen = [commit, (await look(stage, REPO)).tags];
      },
    });
    expect(seen).toEqual([result.commit?.oid, {}]);
    expect((await look(stage, REPO)).tags).toEqual({ v1: result.commit?.oid });
  });

  test('that fails leaves the commit without a tag', async () => {
    const stage = await setStage();
    const error = await stage.fail({ tag: 'v1', verifyCopy: () => Promise.reject(new Error('differs')) });
    expect(error.message).toBe('differs');
    expect(await look(stage, REPO)).toMatchObject({ complete: true, tags: {} });
  });
});
