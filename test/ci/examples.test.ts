import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { assemble } from '../../src/assemble/index.ts';
import { loadConfig } from '../../src/config.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/cli/main.js');
const read = (path: string) => parse(readFileSync(join(ROOT, path), 'utf8'));

interface Step {
  readonly run?: string;
  readonly uses?: string;
}

/** The lines of an example that call Hubwright. */
const commandsOf = (lines: readonly (string | undefined)[]) =>
  lines.filter((line): line is string => line?.startsWith('npx hubwright ') === true);

const stepsOf = (workflow: { jobs: Record<string, { steps: Step[] }> }) =>
  Object.values(workflow.jobs).flatMap(({ steps }) => steps);

describe('the examples for CI', () => {
  test('every workflow of GitHub is one: each step runs or uses, and permissions are named', () => {
    const files = readdirSync(join(ROOT, 'examples/github'));
    expect(files.sort()).toEqual(['publish-model.yml', 'verify-model.yml']);
    for (const file of files) {
      const workflow = read(`examples/github/${file}`);
      expect(workflow.on).toBeDefined();
      for (const job of Object.values<{ permissions?: object; 'runs-on'?: string }>(workflow.jobs)) {
        expect(job.permissions).toBeDefined();
        expect(job['runs-on']).toBeDefined();
      }
      for (const step of stepsOf(workflow)) expect(Number('run' in step) + Number('uses' in step)).toBe(1);
    }
  });

  test('a flag that an example names is one that the command has', () => {
    const lines = [
      ...stepsOf(read('examples/github/verify-model.yml')).map(({ run }) => run),
      ...stepsOf(read('examples/github/publish-model.yml')).map(({ run }) => run),
      ...read('examples/gitlab/verify-model.gitlab-ci.yml')['verify-model'].script,
      ...read('.pre-commit-hooks.yaml').map(({ entry }: { entry: string }) => `npx ${entry}`),
    ];
    const commands = commandsOf(lines);
    expect(commands.length).toBeGreaterThanOrEqual(6);
    for (const line of commands) {
      const [, , command = ''] = line.split(' ');
      const help = readFileSync(join(ROOT, `test/cli/snapshots/help-${command}.md`), 'utf8');
      for (const [flag] of line.matchAll(/--[a-z-]+/g)) expect(help).toContain(flag);
    }
  });
});

describe('the commands of the examples', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hubwright-ci-'));
    const config = await loadConfig(join(SAMPLE_RUN, 'hubwright.json'));
    await assemble(SAMPLE_RUN, { config: { ...config, repo: 'me/sample' }, outDir: join(folder, 'bundle') });
    // In place of the package from the registry: npx finds the one that was built.
    mkdirSync(join(folder, 'bin'));
    const stand = join(folder, 'bin/npx');
    writeFileSync(stand, `#!/bin/sh\nshift\nexec ${process.execPath} ${MAIN} "$@"\n`);
    chmodSync(stand, 0o755);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (line: string, env: Record<string, string>) =>
    execFileSync('sh', ['-c', line], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
        HUBWRIGHT_CACHE_DIR: join(folder, 'cache'),
        CI: 'true',
        ...env,
      },
    });

  test('of GitHub verify the bundle, and leave summary and reports', () => {
    const commands = commandsOf(stepsOf(read('examples/github/verify-model.yml')).map((step) => step.run));
    const summary = join(folder, 'summary.md');
    expect(commands).toHaveLength(1);
    for (const line of commands) run(line, { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary });
    expect(readFileSync(summary, 'utf8')).toContain('## ✅ bundle: verified');
    expect(readdirSync(join(folder, 'reports')).sort()).toEqual([
      'comment.md',
      'hubwright.sarif',
      'report.html',
    ]);
  });

  test('of GitHub fail on a damaged bundle with annotations, and write the reports all the same', () => {
    cpSync(join(folder, 'bundle'), join(folder, 'good'), { recursive: true });
    const metrics = join(folder, 'bundle/test_metrics.json');
    writeFileSync(metrics, readFileSync(metrics, 'utf8').replace('"mse": 0.0', '"mse": 0.1'));
    const [line = ''] = commandsOf(stepsOf(read('examples/github/verify-model.yml')).map((step) => step.run));
    let failure: { status?: number; stdout?: string } = {};
    try {
      run(line, { GITHUB_ACTIONS: 'true' });
    } catch (error) {
      failure = error as typeof failure;
    }
    expect(failure.status).toBe(1);
    expect(failure.stdout).toMatch(
      /^::error file=bundle\/test_metrics\.json,title=lock-intact::was changed/m,
    );
    expect(readFileSync(join(folder, 'reports/comment.md'), 'utf8')).toContain('## ❌ bundle: not verified');
    cpSync(join(folder, 'good'), join(folder, 'bundle'), { recursive: true });
  });

  test('of GitLab leave the JUnit report that the job names', () => {
    const job = read('examples/gitlab/verify-model.gitlab-ci.yml')['verify-model'];
    for (const line of commandsOf(job.script)) run(line, { BUNDLE: job.variables.BUNDLE });
    const path = join(folder, job.artifacts.reports.junit);
    expect(existsSync(path)).toBe(true);
    expect(XMLValidator.validate(readFileSync(path, 'utf8'))).toBe(true);
  });

  test('of the hook check the bundle without running the model', () => {
    const [hook] = read('.pre-commit-hooks.yaml');
    expect(run(`npx ${hook.entry} bundle`, {})).toContain('inference did not run');
  });
});
