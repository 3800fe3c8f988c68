import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLock } from '../../src/bundle.ts';
import type { PublishPlan } from '../../src/publish/index.ts';
import { commitBeside, FILES, REPO, setStage, TOKEN } from './stage.ts';

/** What a publish may ask without changing anything. */
const READS = /^(GET \/|POST \/api\/validate-yaml$|POST \/api\/models\/me\/model\/preupload\/main$)/;

describe('publish', () => {
  test('the first time: creates the repository, sends everything in one commit and reads it back', async () => {
    const stage = await setStage();
    const plans: PublishPlan[] = [];
    const result = await stage.publish({
      confirm: async (plan) => {
        plans.push(plan);
        return true;
      },
    });
    const head = await stage.head();
    expect(result).toMatchObject({
      repo: REPO,
      url: `${stage.hubUrl}/${REPO}`,
      commit: { oid: head, url: `${stage.hubUrl}/${REPO}/commit/${head}` },
      verifiedFiles: 6,
      usage: `from_pretrained("${REPO}", revision="${head}")`,
      dryRun: false,
    });
    expect(plans).toEqual([result.plan]);
    expect(result.plan).toMatchObject({
      createRepo: true,
      head: null,
      verified: true,
      kept: [],
      warnings: [],
    });
    expect(result.plan.files.map(({ path, action, mode }) => `${action} ${path} ${mode}`)).toEqual([
      'add README.md regular',
      'add config.json regular',
      'add model.safetensors lfs',
      'add onnx/model.onnx lfs',
      'add test_set.csv regular',
      'add verification.json regular',
    ]);
    const report = await readFile(join(stage.dir, 'verification.json'));
    expect(await stage.listHub()).toEqual({
      '.gitattributes': expect.any(Number),
      ...Object.fromEntries(Object.entries(FILES).map(([path, bytes]) => [path, bytes.length])),
      'verification.json': report.length,
    });
    expect(stage.commits).toHaveLength(1);
    const { rootDigest } = await readLock(stage.dir);
    expect(JSON.parse(stage.commits[0]!.split('\n')[0]!)).toMatchObject({
      key: 'header',
      value: {
        summary: 'Publish 6 files with Hubwright',
        description: expect.stringContaining(`Root digest: ${rootDigest}`),
        parentCommit: expect.stringMatching(/^[0-9a-f]{40}$/),
      },
    });
    expect(stage.events.filter((event) => event.kind === 'start').map((event) => event.stage)).toEqual([
      'plan',
      'upload',
      'read-back',
    ]);
  });

  test('a second time commits nothing and says so', async () => {
    const stage = await setStage();
    const first = await stage.publish();
    stage.requests.length = 0;
    const second = await stage.publish({ confirm: async () => expect.fail('there is nothing to confirm') });
    expect(second).toMatchObject({ commit: null, verifiedFiles: 6, usage: first.usage });
    expect(second.plan.files.every((file) => file.action === 'unchanged')).toBe(true);
    expect(await stage.head()).toBe(first.commit?.oid);
    expect(stage.requests.filter((request) => !READS.test(request))).toEqual([]);
  });

  test('a report that differs in its bytes alone is no reason for a commit; another version is', async () => {
    const stage = await setStage();
    await stage.publish();
    await stage.change({}, { environment: { onnxruntime: '1.31.0', executionProvider: 'cpu' } });
    expect((await stage.publish()).commit).toBeNull();
    await stage.change({}, { tool: { name: 'hubwright', version: '99.0.0' } });
    const { plan } = await stage.publish();
    expect(plan.title).toBe('Publish 1 file with Hubwright');
  });

  test('an edited card updates the card and the report, and sends no weights', async () => {
    const stage = await setStage();
    await stage.publish();
    stage.requests.length = 0;
    await stage.change({ 'README.md': '---\nlicense: mit\n---\n# Better\n' });
    const { plan, verifiedFiles } = await stage.publish();
    const changed = plan.files.filter((file) => file.action !== 'unchanged').map((file) => file.path);
    expect(changed).toEqual(['README.md', 'verification.json']);
    expect(verifiedFiles).toBe(6);
    expect(stage.requests.filter((request) => request.startsWith('PUT') || request.includes('lfs'))).toEqual(
      [],
    );
  });

  test('files of others stay, and are listed', async () => {
    const stage = await setStage();
    await stage.publish();
    await commitBeside(stage.hubUrl, 'notes.txt');
    await stage.change({ 'config.json': '{}\n' });
    const { plan } = await stage.publish();
    expect(plan.kept).toEqual(['.gitattributes', 'notes.txt']);
    expect(await stage.listHub()).toHaveProperty('notes.txt', 6);
  });

  test('signature and provenance go out with what they cover', async () => {
    const stage = await setStage();
    await writeFile(join(stage.dir, 'model.sig'), '{}');
    await writeFile(join(stage.dir, 'provenance.intoto.json'), '{ }');
    await stage.publish();
    expect(await stage.listHub()).toMatchObject({ 'model.sig': 2, 'provenance.intoto.json': 3 });
  });

  test('a dry run plans the same and writes nothing, before the first publish and after', async () => {
    const stage = await setStage();
    const dry = await stage.publish({ dryRun: true, tag: 'v1', confirm: async () => expect.fail('asked') });
    expect(dry).toMatchObject({ dryRun: true, commit: null, tag: 'v1' });
    expect(dry.plan.createRepo).toBe(true);
    expect(stage.requests.filter((request) => !READS.test(request))).toEqual([]);
    const { plan } = await stage.publish({ tag: 'v1' });
    expect(dry.plan).toEqual(plan);
    stage.requests.length = 0;
    await stage.change({ 'README.md': '---\nlicense: mit\n---\n# Better\n' });
    const again = await stage.publish({ dryRun: true });
    expect(again.plan.files.filter((file) => file.action === 'update')).toHaveLength(2);
    expect(stage.requests.filter((request) => !READS.test(request))).toEqual([]);
  });

  test('a declined plan changes nothing', async () => {
    const stage = await setStage();
    expect(await stage.fail({ confirm: async () => false })).toMatchObject({ code: 'ABORTED' });
    expect(stage.requests.filter((request) => !READS.test(request))).toEqual([]);
  });

  test('private, under an organization, with a title of its own', async () => {
    const stage = await setStage();
    const result = await stage.publish({ repo: 'team/model', private: true, message: 'Release 2' });
    expect(result.plan).toMatchObject({ visibility: { from: null, to: 'private' }, title: 'Release 2' });
    const outside = await fetch(`${stage.hubUrl}/api/models/team/model`);
    expect(outside.status).toBe(401);
    expect(stage.commits[0]).toContain('"summary":"Release 2"');
  });

  test('without a report, when told so, and says it in the commit', async () => {
    const stage = await setStage();
    await rm(join(stage.dir, 'verification.json'));
    const result = await stage.publish({ requireReport: false });
    expect(result.plan.verified).toBe(false);
    expect(result.verifiedFiles).toBe(5);
    expect(stage.commits[0]).toContain('not verified');
    expect(await stage.listHub()).not.toHaveProperty('verification.json');
  });

  test('a tag: set once read back, left alone where it stands, never moved', async () => {
    const stage = await setStage();
    const first = await stage.publish({ tag: 'v1' });
    expect(first.tag).toBe('v1');
    const refs = async () =>
      (
        await fetch(`${stage.hubUrl}/api/models/${REPO}/refs`, {
          headers: { Authorization: `Bearer ${TOKEN}` },
        })
      ).json();
    expect(await refs()).toMatchObject({ tags: [{ name: 'v1', targetCommit: first.commit?.oid }] });
    expect((await stage.publish({ tag: 'v1' })).commit).toBeNull();
    expect((await stage.publish({ tag: 'v1.0' })).commit).toBeNull();
    expect(await refs()).toMatchObject({
      tags: [{ name: 'v1' }, { name: 'v1.0', targetCommit: first.commit?.oid }],
    });

    await stage.change({ 'config.json': '{}\n' });
    const before = stage.commits.length;
    const error = await stage.fail({ tag: 'v1' });
    expect(error).toMatchObject({ code: 'HUB_CONFLICT' });
    expect(error.message).toContain(`v1 exists already, on commit ${first.commit?.oid}`);
    expect(stage.commits).toHaveLength(before);
  });

  test('a large file goes to large-file storage in parts', async () => {
    const stage = await setStage();
    const size = 70 * 1024 * 1024;
    await stage.change({ 'model.safetensors': randomBytes(size) });
    const result = await stage.publish();
    expect(result.verifiedFiles).toBe(6);
    expect((await stage.listHub())['model.safetensors']).toBe(size);
    expect(stage.requests.filter((request) => request.startsWith('PUT')).length).toBeGreaterThan(2);
    const steps = stage.events.filter((event) => event.kind === 'advance');
    expect(steps.length).toBeGreaterThanOrEqual(5);
    expect(steps.length).toBeLessThanOrEqual(101);
    expect(steps.at(-1)).toMatchObject({ stage: 'upload', unit: 'bytes', done: result.plan.uploadBytes });
  });
});
