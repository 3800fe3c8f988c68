import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeLock } from '../../src/bundle.ts';
import { createFaultPlan, type Hub, startHub } from '../../src/hub/index.ts';
import { runCli } from './run-cli.ts';

const RUN = join(import.meta.dirname, '../../artifacts/sample-run');
const TOKEN = 'hf_writesThatMustNeverBeSeen';
const READER = 'hf_readsThatMustNeverBeSeen';

let folder: string;
let hub: Hub;
const requests: string[] = [];
const faults = createFaultPlan();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hubwright-publish-'));
  hub = await startHub({
    dataDir: join(folder, 'hub'),
    faults,
    tokens: [
      { token: TOKEN, user: 'me', role: 'write' },
      { token: READER, user: 'me', role: 'read' },
    ],
    onRequest: ({ method, path }) => requests.push(`${method} ${path}`),
  });
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(line: string, env: Record<string, string> = {}, dir = RUN) {
  requests.length = 0;
  const outcome = await runCli(['publish', dir, ...line.split(' ')], {
    cwd: folder,
    env: { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN, ...env },
  });
  expect(outcome.stdout + outcome.stderr).not.toMatch(/MustNeverBeSeen/);
  return outcome;
}

describe('publish', () => {
  test.each([
    ['a token that cannot write', { HF_TOKEN: READER }, /can only read/, 3],
    ['a namespace of others', {}, /no you\/sample that the token of me may write to or create/, 3],
    ['no token', { HF_TOKEN: '' }, /no Hub token in HF_TOKEN/, 2],
    ['a job without an identity', { HF_OIDC_RESOURCE: 'me/sample' }, /no identity to show to the Hub/, 2],
    ['HF_HUB_OFFLINE', { HF_HUB_OFFLINE: '1' }, /HF_HUB_OFFLINE is set/, 3],
  ])('%s is refused before anything is assembled', async (what, env, message, code) => {
    const repo = what.startsWith('a namespace') ? 'you/sample' : 'me/sample';
    const outcome = await run(`--repo ${repo} --out early`, { HF_TOKEN: TOKEN, ...env });
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toMatch(message);
    expect(existsSync(join(folder, 'early'))).toBe(false);
    expect(requests.every((request) => request.startsWith('GET'))).toBe(true);
  });

  test('hands commit, address and tag to GitHub, after a downloaded copy was verified; then a pull request', async () => {
    const outputs = join(folder, 'outputs');
    const summary = join(folder, 'summary');
    const env = { GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: summary };
    const first = await run('--repo me/sample --out bundle --tag v1.0.0 --deep --json', env);
    expect(first).toMatchObject({ code: 0 });
    const result = JSON.parse(first.stdout);
    expect(readFileSync(outputs, 'utf8')).toBe(
      [
        `commit=${result.commit.oid}`,
        `url=${hub.url}/me/sample/commit/${result.commit.oid}`,
        'tag=v1.0.0',
        'pull-request=',
        'changed=true\n',
      ].join('\n'),
    );
    expect(readFileSync(summary, 'utf8')).toContain(`revision="${result.commit.oid}"`);
    // The copy came down between the commit and the tag, and its model was run.
    const at = (part: string) => requests.findLastIndex((request) => request.includes(part));
    expect(at('/commit/')).toBeLessThan(at('/resolve/'));
    expect(at('/resolve/')).toBeLessThan(at('/tag/'));
    expect(first.stderr.match(/^verify: /gm)).toHaveLength(2);

    const again = await run('--repo me/sample --out bundle --pr --json');
    expect(JSON.parse(again.stdout)).toMatchObject({ commit: null, pullRequest: null });

    rmSync(join(folder, 'bundle'), { recursive: true });
    const proposal = await run('--repo me/sample --out bundle --pr --no-verify', env);
    expect(proposal.code).toBe(0);
    expect(proposal.stdout).toContain('nothing to do');
  });

  test('a verification that fails is told to GitHub in full, and nothing is published', async () => {
    const damaged = join(folder, 'damaged-run');
    cpSync(RUN, damaged, { recursive: true });
    const metrics = join(damaged, 'test_metrics.json');
    writeFileSync(metrics, readFileSync(metrics, 'utf8').replace('"mse": 0.0', '"mse": 0.1'));
    const [outputs, summary] = [join(folder, 'failed-outputs'), join(folder, 'failed-summary')];
    const reports = '--report junit=reports/verify.xml --report json=reports/verify.json';
    const outcome = await run(
      `--repo me/damaged --out damaged ${reports}`,
      { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: summary },
      damaged,
    );
    expect(outcome.code).toBe(1);
    expect(requests.every((request) => request.startsWith('GET'))).toBe(true);
    expect(outcome.stdout).toMatch(/^::error file=damaged\/test_metrics\.json,.*title=metrics-recompute::/m);
    expect(readFileSync(outputs, 'utf8').split('\n')).toEqual([
      'commit=',
      `url=${hub.url}/me/damaged`,
      'tag=',
      'pull-request=',
      'changed=false',
      '',
    ]);
    const text = readFileSync(summary, 'utf8');
    expect(text).toContain('Not published: the verification failed.');
    expect(text).toContain('## ❌ damaged: not verified');
    expect(JSON.parse(readFileSync(join(folder, 'reports/verify.json'), 'utf8')).ok).toBe(false);
    expect(readFileSync(join(folder, 'reports/verify.xml'), 'utf8')).toContain('<failure');
  });

  test('a report is written also where the Hub refuses afterwards', async () => {
    faults.add({ step: 'preupload', fault: { kind: 'status', status: 403 } });
    const outcome = await run(
      '--repo me/refused --out refused --report markdown=refused.md --report text=r.txt',
    );
    faults.clear();
    expect([outcome.code, outcome.stderr]).toEqual([3, expect.stringContaining('the Hub answered 403')]);
    expect(readFileSync(join(folder, 'refused.md'), 'utf8')).toContain('## ✅ refused: verified');
    expect(existsSync(join(folder, 'r.txt'))).toBe(true);
  });

  test.each([
    ['--no-verify --report json=x.json', /with --no-verify there is nothing that --report could write/],
    ['--report nonsense=x', /a format and a file were expected/],
  ])('%s is refused before anything is done', async (flags, words) => {
    const outcome = await run(`--repo me/none --out none ${flags}`);
    expect([outcome.code, outcome.stderr]).toEqual([2, expect.stringMatching(words)]);
    expect([requests, existsSync(join(folder, 'none'))]).toEqual([[], false]);
  });

  test('changed weights go over Xet, unless a flag or the environment forbids it', async () => {
    const bundle = join(folder, 'xet');
    const args = ['assemble', RUN, '--out', bundle, '--repo', 'me/retrained'];
    expect(await runCli(args)).toMatchObject({ code: 0 });
    const retrain = async (value: number) => {
      const path = join(bundle, 'model.safetensors');
      const weights = readFileSync(path);
      writeFileSync(path, weights.fill(value, weights.length - 100));
      await writeLock(bundle);
    };
    const publish = (flags = '', env = {}) =>
      run(`--repo me/retrained --no-verify --yes${flags}`, env, bundle);
    const ways = () =>
      ['/xet-cas/v1/shards', '/lfs-storage/'].filter((part) => requests.some((one) => one.includes(part)));

    expect(await publish()).toMatchObject({ code: 0 });
    for (const [value, expected, flags, env] of [
      [1, ['/xet-cas/v1/shards'], '', {}],
      [2, ['/lfs-storage/'], ' --no-xet', {}],
      [3, ['/lfs-storage/'], '', { HF_HUB_DISABLE_XET: '1' }],
      [4, ['/xet-cas/v1/shards'], '', { HF_HUB_DISABLE_XET: '0' }],
    ] as const) {
      await retrain(value);
      const outcome = await publish(flags, env);
      expect([outcome.code, ways()], outcome.stderr).toEqual([0, expected]);
    }
  });

  test('an unusable flag is a usage error', async () => {
    expect((await run('--repo me/sample --gated maybe')).code).toBe(2);
    expect((await run('--repo me/sample --prune everything')).code).toBe(2);
    const both = await run('--repo me/sample --out both --pr --tag v2');
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('a pull request is not yet')]);
  });
});
