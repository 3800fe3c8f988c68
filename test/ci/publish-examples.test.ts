import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Hub, startHub } from '../../src/hub/index.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/cli/main.js');
const TOKEN = 'hf_writesThatMustNeverBeSeen';
const read = (path: string) => parse(readFileSync(join(ROOT, path), 'utf8'));

interface Step {
  readonly id?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

let root: string;
let hub: Hub;
let workspace: string;
let files: { output: string; summary: string };

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'hubwright-workflows-'));
  hub = await startHub({
    dataDir: join(root, 'hub'),
    tokens: [{ token: TOKEN, user: 'me', role: 'write' }],
  });
  // In place of the registry: npm lays the package that was built where it is told to, npx finds it.
  mkdirSync(join(root, 'bin'));
  const call = `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`;
  writeFileSync(join(root, 'hubwright'), call, { mode: 0o755 });
  const npm = [
    '#!/bin/sh',
    'printf "%s\\n" "$@" > "$GITHUB_WORKSPACE/npm-arguments"',
    'while [ $# -gt 0 ]; do [ "$1" = --prefix ] && prefix="$2"; shift; done',
    '[ -z "$prefix" ] && exit 0',
    `mkdir -p "$prefix/node_modules/.bin" && cp ${join(root, 'hubwright')} "$prefix/node_modules/.bin/hubwright"`,
  ];
  writeFileSync(join(root, 'bin/npm'), `${npm.join('\n')}\n`);
  writeFileSync(join(root, 'bin/npx'), `#!/bin/sh\nshift\nexec ${join(root, 'hubwright')} "$@"\n`);
  for (const name of ['npm', 'npx']) chmodSync(join(root, 'bin', name), 0o755);
});
afterAll(async () => {
  await hub.close();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  workspace = mkdtempSync(join(root, 'workspace-'));
  files = { output: join(workspace, 'output'), summary: join(workspace, 'summary') };
  cpSync(SAMPLE_RUN, join(workspace, 'run'), { recursive: true });
});

/** Runs a step as GitHub's runner does: its script by bash, expressions filled in, and stops at the first failure. */
async function runSteps(
  steps: readonly Step[],
  values: Readonly<Record<string, string>>,
  env: Record<string, string>,
): Promise<{ code: number; text: string }> {
  let text = '';
  for (const step of steps) {
    if (step.run === undefined) continue;
    const fill = (value: string) => value.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, name) => values[name] ?? '');
    const own = Object.fromEntries(
      Object.entries(step.env ?? {}).map(([name, value]) => [name, fill(value)]),
    );
    const script = join(workspace, 'step.sh');
    writeFileSync(script, fill(step.run));
    const code = await new Promise<number>((done) => {
      const options = {
        cwd: workspace,
        env: {
          PATH: [join(root, 'bin'), process.env.PATH].join(delimiter),
          HOME: workspace,
          CI: 'true',
          GITHUB_ACTIONS: 'true',
          GITHUB_WORKSPACE: workspace,
          GITHUB_OUTPUT: files.output,
          GITHUB_STEP_SUMMARY: files.summary,
          RUNNER_TEMP: join(workspace, 'temp'),
          HF_ENDPOINT: hub.url,
          HUBWRIGHT_CACHE_DIR: '',
          ...env,
          ...own,
        },
      };
      const args = ['--noprofile', '--norc', '-eo', 'pipefail', script];
      const child = execFile('bash', args, options, (_, stdout, stderr) => {
        text += stdout + stderr;
        done(child.exitCode ?? 1);
      });
    });
    expect(text).not.toContain('MustNeverBeSeen');
    if (code !== 0) return { code, text };
  }
  return { code: 0, text };
}

const outputs = () =>
  Object.fromEntries(
    readFileSync(files.output, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  ) as Record<string, string>;
async function ask(path: string) {
  const answer = await fetch(`${hub.url}/api/models/${path}`, {
    headers: { Authorization: `Bearer ${TOKEN}` },
  });
  return answer.ok
    ? ((await answer.json()) as { sha: string; tags: { name: string; targetCommit: string }[] })
    : undefined;
}

describe('the action', () => {
  const { inputs, runs } = read('action.yml');
  const run = (given: Readonly<Record<string, string>>, env: Record<string, string> = {}) => {
    const all: Record<string, string> = { path: 'run', token: TOKEN, ...given };
    const values = Object.entries<{ default: string }>(inputs).map(
      ([name, input]) => [`inputs.${name}`, all[name] ?? input.default] as const,
    );
    return runSteps(runs.steps, Object.fromEntries(values), env);
  };

  test('installs the version that is named, publishes, tags, and says what has become of it', async () => {
    const { code, text } = await run({ repo: 'me/acted', tag: 'v1.0.0', version: '1.2.3' });
    expect([code, text]).toEqual([0, expect.stringContaining('published')]);
    expect(readFileSync(join(workspace, 'npm-arguments'), 'utf8').trimEnd().split('\n')).toEqual(
      expect.arrayContaining(['install', '--ignore-scripts', 'hubwright@1.2.3']),
    );
    const there = await ask('me/acted');
    expect(outputs()).toEqual({
      commit: there?.sha,
      url: `${hub.url}/me/acted/commit/${there?.sha}`,
      tag: 'v1.0.0',
      'pull-request': '',
      changed: 'true',
    });
    expect((await ask('me/acted/refs'))?.tags).toMatchObject([{ name: 'v1.0.0', targetCommit: there?.sha }]);
    expect(readFileSync(files.summary, 'utf8')).toContain(`revision="${there?.sha}"`);

    writeFileSync(files.output, '');
    const config = join(workspace, 'run/hubwright.json');
    writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), tags: ['again'] }));
    const proposed = await run({ repo: 'me/acted', 'pull-request': 'true' });
    expect([proposed.code, outputs()['pull-request']]).toEqual([0, `${hub.url}/me/acted/discussions/1`]);
    expect((await ask('me/acted'))?.sha).toBe(there?.sha);
  });

  test('with dry-run writes nothing', async () => {
    const { code, text } = await run({ repo: 'me/dry', 'dry-run': 'true' });
    expect([code, text]).toEqual([0, expect.stringContaining('dry run: nothing was written')]);
    expect([await ask('me/dry'), outputs().commit, outputs().changed]).toEqual([undefined, '', 'false']);
  });

  test('without a token asks for the identity of the job, and takes no other token', async () => {
    const { code, text } = await run({ repo: 'me/trusted', token: '' }, { HF_TOKEN: TOKEN });
    expect([code, text]).toEqual([
      2,
      expect.stringContaining('HF_OIDC_RESOURCE is set, and this job has no identity'),
    ]);
  });

  test('a verification that fails fails the step, with outputs that say so', async () => {
    const metrics = join(workspace, 'run/test_metrics.json');
    writeFileSync(metrics, readFileSync(metrics, 'utf8').replace('"mse": 0.0', '"mse": 0.1'));
    const { code, text } = await run({ repo: 'me/failed' });
    expect([code, text]).toEqual([1, expect.stringMatching(/^::error file=.*test_metrics\.json/m)]);
    expect([outputs().changed, outputs().commit, await ask('me/failed')]).toEqual(['false', '', undefined]);
    expect(readFileSync(files.summary, 'utf8')).toContain('Not published');
  });

  test('no input is read as a command', async () => {
    const bad = '$(touch seen)`touch seen`; touch seen; "; touch seen; \'';
    for (const name of ['path', 'repo', 'tag', 'branch', 'dry-run', 'version']) {
      await run({ repo: 'me/quoted', [name]: bad });
    }
    expect(existsSync(join(workspace, 'seen'))).toBe(false);
  });
});

test('the steps of publish-model.yml verify, publish and tag, with a token in place of trusted publishing', async () => {
  const { jobs } = read('examples/github/publish-model.yml');
  const values = { 'vars.HF_REPO': 'me/released' };
  const verified = await runSteps(jobs.verify.steps, values, {});
  expect(verified).toMatchObject({ code: 0 });
  const steps = jobs.publish.steps.map(({ env: { HF_OIDC_RESOURCE: _, ...env } = {}, ...step }: Step) => ({
    ...step,
    env,
  }));
  const published = await runSteps(steps, values, { HF_TOKEN: TOKEN, GITHUB_REF_NAME: 'v2.0.0' });
  expect(published).toMatchObject({ code: 0 });
  const there = await ask('me/released');
  // It came with its report: nothing but the downloaded copy was verified in this job.
  expect(published.text).toContain('these very files were verified before');
  expect(outputs()).toMatchObject({ commit: there?.sha, tag: 'v2.0.0', changed: 'true' });
});
