import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listSnippets } from '../../src/card/snippets.ts';
import { startHub } from '../../src/hub/index.ts';
import { runCli } from '../cli/run-cli.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { PYTHON, WITHOUT_PYTHON } from '../oracle/python.ts';

const NODE_MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const TOKEN = 'hf_snippets';
const REPO = 'me/sample';

/** Live: what a reader copies from the card runs, and prints what the card says it prints. */
describe.skipIf(PYTHON === undefined)(`the snippets of the sample model${WITHOUT_PYTHON}`, () => {
  it('print the score that stands beside them, from a published repository at its tag', async () => {
    const hub = await startHub({
      dataDir: join(makeTempDir(), 'hub'),
      tokens: [{ token: TOKEN, user: 'me', role: 'write' }],
    });
    onTestFinished(() => hub.close());
    const dir = join(makeTempDir(), 'bundle');
    const config = join(makeTempDir(), 'hubwright.json');
    const sample = JSON.parse(readFileSync(join(SAMPLE_RUN, 'hubwright.json'), 'utf8'));
    writeFileSync(config, JSON.stringify({ ...sample, publish: { tag: 'v1.0.0' } }));
    const args = ['publish', SAMPLE_RUN, '--config', config, '--repo', REPO, '--out', dir];
    const published = await runCli(args, { env: { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN } });
    expect(published).toMatchObject({ code: 0 });
    const card = readFileSync(join(dir, 'README.md'), 'utf8');
    expect(card).toContain('revision = "v1.0.0"');
    await runAll(card, hub.url, 4);
  }, 300_000);

  it('print it from the folder itself, where the repository has no name yet', async () => {
    const dir = join(makeTempDir(), 'bundle');
    expect(await runCli(['assemble', SAMPLE_RUN, '--out', dir])).toMatchObject({ code: 0 });
    await runAll(readFileSync(join(dir, 'README.md'), 'utf8'), undefined, 4, dir);
  }, 300_000);
});

async function runAll(card: string, hubUrl: string | undefined, ways: number, cwd = makeTempDir()) {
  const snippets = listSnippets(card, 'python');
  expect(snippets).toHaveLength(ways);
  for (const { code, expected } of snippets) {
    expect(await run(cwd, PYTHON ?? '', ['-c', code], hubUrl), code).toBe(expected);
  }
  // The JavaScript client takes another Hub's address as an argument, and from nowhere else.
  const shown = listSnippets(card, 'js');
  expect(shown).toHaveLength(2);
  symlinkSync(NODE_MODULES, join(cwd, 'node_modules'));
  for (const { code, expected } of shown) {
    const node = hubUrl === undefined ? code : code.replace('({ repo', `({ hubUrl: "${hubUrl}", repo`);
    writeFileSync(join(cwd, 'snippet.mjs'), node);
    expect(await run(cwd, process.execPath, ['snippet.mjs'], hubUrl), node).toBe(expected);
  }
}

/** Runs while a Hub of this process answers it, so it must not block. */
async function run(
  cwd: string,
  command: string,
  args: string[],
  hubUrl: string | undefined,
): Promise<string> {
  const home = join(makeTempDir(), 'home');
  mkdirSync(home);
  const hub = hubUrl === undefined ? { HF_HUB_OFFLINE: '1' } : { HF_ENDPOINT: hubUrl };
  const env = {
    ...process.env,
    ...hub,
    HF_HOME: home,
    HF_MODULES_CACHE: join(home, 'modules'),
    HF_HUB_DISABLE_PROGRESS_BARS: '1',
    TRANSFORMERS_VERBOSITY: 'error',
  };
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  // The JavaScript client tells on stdout what it downloads.
  return out.trim() === '' ? err : (out.trim().split('\n').at(-1) ?? '').trim();
}
