import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hub, startHub } from '../../src/hub/index.ts';
import { PYTHON, WITHOUT_PYTHON } from '../oracle/python.ts';
import { makePlainBundle } from './plain-bundle.ts';

const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');
const TERMINAL = join(import.meta.dirname, '../oracle/terminal.py');
const TOKEN = 'hf_writesThatMustNeverBeSeen';
const QUESTION = 'Publish this? [y/N] ';

/** What somebody at a keyboard does: what is typed once a text has appeared; null is a SIGINT from outside. */
type Keys = readonly (readonly [seen: string, typed: string | null])[];

describe.skipIf(PYTHON === undefined)(`publish on a terminal${WITHOUT_PYTHON}`, () => {
  let folder: string;
  let bundle: string;
  let hub: Hub;
  let count = 0;
  const requests: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hubwright-prompt-'));
    hub = await startHub({
      dataDir: join(folder, 'hub'),
      tokens: [{ token: TOKEN, user: 'me', role: 'write' }],
      onRequest: ({ method, path }) => requests.push(`${method} ${path}`),
    });
    bundle = join(folder, 'bundle');
  });
  afterAll(async () => {
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(
    flags: string,
    keys: Keys,
    more: { env?: Record<string, string>; stderr?: string } = {},
  ) {
    count += 1;
    requests.length = 0;
    const repo = `me/model-${count}`;
    await makePlainBundle(bundle, repo);
    const task = {
      argv: [
        process.execPath,
        MAIN,
        'publish',
        bundle,
        '--repo',
        repo,
        '--no-verify',
        ...flags.split(' '),
      ].filter((part) => part !== ''),
      cwd: folder,
      keys,
      stderr: more.stderr ?? null,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        TERM: 'xterm',
        HF_ENDPOINT: hub.url,
        HF_TOKEN: TOKEN,
        HUBWRIGHT_CACHE_DIR: '',
        ...more.env,
      },
    };
    const result = new Promise<string>((done, fail) => {
      const child = execFile(PYTHON ?? '', [TERMINAL], (error, stdout) =>
        error ? fail(error) : done(stdout),
      );
      child.stdin?.end(JSON.stringify(task));
    });
    const { code, screen } = JSON.parse(await result) as { code: number; screen: string };
    expect(screen).not.toContain('MustNeverBeSeen');
    const answer = await fetch(`${hub.url}/api/models/${repo}/tree/main`);
    const files = answer.ok
      ? ((await answer.json()) as { path: string }[]).map(({ path }) => path)
      : undefined;
    return { code, screen, files };
  }
  const isAsked = (screen: string) => screen.includes(QUESTION.trim());
  const PUBLISHED = expect.arrayContaining(['README.md', 'model.safetensors']);

  test('the plan is shown, and a yes publishes', async () => {
    const { code, screen, files } = await run('', [[QUESTION, 'y\r']]);
    expect([code, files]).toEqual([0, PUBLISHED]);
    const question = screen.indexOf(QUESTION);
    for (const part of ['model.safetensors', 'to add', 'go out without a passing verification']) {
      expect(screen.indexOf(part), part).toBeGreaterThan(-1);
      expect(screen.indexOf(part), part).toBeLessThan(question);
    }
    expect(screen.indexOf('published')).toBeGreaterThan(question);
  });

  test.each([
    ['n', 'n\r', /the plan was declined: nothing was published/],
    ['Enter', '\r', /the plan was declined: nothing was published/],
    ['anything else', 'yesterday\r', /the plan was declined: nothing was published/],
    ['the end of the input', '\u0004', /the plan was declined: nothing was published/],
    ['Ctrl-C', '\u0003', /stopped at the question: nothing was published/],
    ['a signal from outside', null, /stopped at the question: nothing was published/],
  ])('%s ends it with 130, and nothing is written', async (_, typed, words) => {
    const { code, screen, files } = await run('', [[QUESTION, typed]]);
    expect(screen).toMatch(words);
    expect([code, files]).toEqual([130, undefined]);
    // The Hub was read, and asked whether it takes the card.
    expect(requests.filter((request) => !/^GET |^POST \/api\/validate-yaml/.test(request))).toEqual([]);
  });

  test.each([
    ['--yes', '--yes', {}],
    ['--json', '--json', {}],
    ['CI', '', { env: { CI: 'true' } }],
  ])('with %s nobody is asked', async (_, flags, more) => {
    const { code, screen, files } = await run(flags, [], more);
    expect([code, isAsked(screen), files]).toEqual([0, false, PUBLISHED]);
  });

  test('where the question would not be seen nobody is asked', async () => {
    const stderr = join(folder, 'stderr.txt');
    const { code, screen, files } = await run('', [], { stderr });
    expect([code, isAsked(screen), files]).toEqual([0, false, PUBLISHED]);
    expect(isAsked(readFileSync(stderr, 'utf8'))).toBe(false);
  });

  test('a dry run does not ask', async () => {
    const { code, screen, files } = await run('--dry-run', []);
    expect([code, isAsked(screen), files]).toEqual([0, false, undefined]);
    expect(screen).toContain('dry run: nothing was written');
  });
});
