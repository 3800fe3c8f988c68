import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hub, startHub } from '../../src/hub/index.ts';
import { VERSION } from '../../src/version.ts';
import { editText } from '../verify/bundle-fixture.ts';
import { runCli } from './run-cli.ts';

const RUN = join(import.meta.dirname, '../../artifacts/sample-run');
const TOKEN = 'hf_snapshots';

let folder: string;
let hub: Hub;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hubwright-cli-'));
  cpSync(RUN, join(folder, 'run'), { recursive: true });
  hub = await startHub({
    dataDir: join(folder, 'hub'),
    tokens: [{ token: TOKEN, user: 'me', role: 'write' }],
  });
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command line in the test's folder and compares it, output and exit code, with a file beside this test. */
async function expectSnapshot(name: string, line: string, input?: string): Promise<void> {
  const env = { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN };
  const run = await runCli(line.split(' ').slice(1), {
    cwd: folder,
    env,
    ...(input === undefined ? {} : { input }),
  });
  expect(run.stdout + run.stderr).not.toContain(TOKEN);
  const text = [
    `# ${name}`,
    fence('console', `$ ${line}`),
    ...(run.stdout === '' ? [] : ['stdout', fence('', run.stdout.trimEnd())]),
    ...(run.stderr === '' ? [] : ['stderr', fence('', run.stderr.trimEnd())]),
    `exit code ${run.code}\n`,
  ].join('\n\n');
  await expect(normalise(text)).toMatchFileSnapshot(`snapshots/${name}.md`);
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

/** What differs between machines and runs: addresses, commits, digests, the noise of floating point, times. */
function normalise(text: string): string {
  return (
    text
      // A slow machine says how far it is.
      .replace(/^ *(assemble|verify|score): \d+ of \d+ .*\n/gm, '')
      .replaceAll(hub.url, 'http://hub')
      .replaceAll(folder, '/folder')
      .replaceAll(VERSION, '<version>')
      .replaceAll(tmpdir(), '/tmp')
      .replace(/hubwright-\w{6}\b/g, 'hubwright-<random>')
      .replace(/\b[0-9a-f]{64}\b/g, '<sha256>')
      .replace(/\b[0-9a-f]{40}\b/g, '<commit>')
      .replace(/(lfs|regular) +[0-9a-f]{12}/g, '$1  <sha256>')
      .replace(/ at [0-9a-f]{7}\b/g, ' at <commit>')
      // What inference measures differs in its last digits from machine to machine, and so do the columns' widths.
      .replace(/^([✔✖] .*)$/gm, (line) => (/ {2}\S+ {2}/.test(line) ? line.replace(/ {2,}/g, '  ') : line))
      .replace(/^([✔✖] {2}\w+ {2}\S+ {2})\S+ {2}\S+( {2}\S+)(?: {2}\S+)?$/gm, '$1<measured>  <difference>$2')
      .replace(/^( {3}metric.*)$/gm, (line) => line.replace(/ {2,}/g, '  '))
      .replace(
        /(difference of a row|difference)\s+\d\.\de-\d+,\s+at\s+most\s+(\S+)\s+\([^)]*\)/g,
        '$1 <measured>, at most $2',
      )
      // Which rules passed is the business of their own tests.
      .replace(/^✔ required-files,[^✔✖!-]*(?:-[^✔✖! ][^✔✖!]*)*?(?=\n(?:[✔✖!-] |\n))/gm, '✔ <rules>')
      .replace(/^✔ [a-z-]+: [^\n]*\n(?: {2}[^\n]*\n)*/gm, (line) => (line.includes('at most') ? '' : line))
      .replace(/^✔ [a-z-]+: [^\n]*, at\n(?: {2}[^\n]*\n)*/gm, '')
      .replace(/\d+ passed/g, '<n> passed')
      // A machine that is slow tells how far it is.
      .replace(/^ {2}\w+: \d+ of \d+ rows.*\n/gm, '')
      .replace(/inference gives\s+[\d.]+/g, 'inference gives <measured>')
      // How far it is when the terminal is told depends on the machine.
      .replace(/^ {2}\w+: \d+ of \d+ .*\n/gm, '')
      // Sizes follow every word of the card's templates.
      .replace(/ +\d[\d.]* [kM]?B {2}(lfs|regular)/g, '  <size>  $1')
      .replace(/\(\d[\d.]* [kM]?B\)/g, '(<size>)')
      .replace(/; \d[\d.]* [kM]?B to send/g, '; <size> to send')
      .replace(/ +$/gm, '')
  );
}

describe('the command line', () => {
  test('help', () => expectSnapshot('help', 'hubwright --help'));
  test.each([
    'assemble',
    'verify',
    'publish',
    'card',
    'export',
    'plot',
    'score',
    'sign',
    'attest',
    'preview',
    'hub',
  ])('help of %s', (command) => expectSnapshot(`help-${command}`, `hubwright ${command} --help`));
  test('an unknown command', () => expectSnapshot('unknown-command', 'hubwright verfy'));
  test('an unknown flag', () => expectSnapshot('unknown-flag', 'hubwright verify --jsno'));

  test('assemble, verify, publish, publish again, verify what was published', async () => {
    await expectSnapshot('assemble', 'hubwright assemble run --repo me/sample --out bundle');
    await expectSnapshot('verify', 'hubwright verify bundle');
    await expectSnapshot('publish-dry-run', 'hubwright publish bundle --repo me/sample --dry-run');
    await expectSnapshot('publish', 'hubwright publish bundle --repo me/sample --tag v1.0.0');
    await expectSnapshot('publish-again', 'hubwright publish run --repo me/sample --out bundle');
    await expectSnapshot('verify-published', 'hubwright verify me/sample@v1.0.0');
  });

  test('publish of a bundle made for another repository', async () => {
    await runCli(['assemble', 'run', '--repo', 'me/sample', '--out', 'other'], { cwd: folder });
    await expectSnapshot('publish-other-repo', 'hubwright publish other --repo me/another');
  });

  test('verify of a damaged bundle', async () => {
    await runCli(['assemble', 'run', '--repo', 'me/sample', '--out', 'damaged'], { cwd: folder });
    editText(join(folder, 'damaged'), 'test_metrics.json', (text) =>
      text.replace('"mse": 0.0', '"mse": 0.1'),
    );
    await expectSnapshot('verify-damaged', 'hubwright verify damaged');
    await expectSnapshot('publish-damaged', 'hubwright publish damaged --repo me/sample');
  });

  test('verify of what is no bundle', () => expectSnapshot('verify-no-bundle', 'hubwright verify run'));
  test('verify of nothing', () => expectSnapshot('verify-nothing', 'hubwright verify nowhere'));

  test('card, plot and export leave a current bundle as it is', async () => {
    const assembled = await runCli(['assemble', 'run', '--repo', 'me/sample', '--out', 'again', '--json'], {
      cwd: folder,
    });
    const { lock } = JSON.parse(assembled.stdout);
    for (const command of ['card', 'plot', 'export']) {
      const run = await runCli([command, 'again', '--json'], { cwd: folder });
      expect(run).toMatchObject({ code: 0 });
    }
    const check = await runCli(['card', 'again', '--check'], { cwd: folder });
    expect(check).toMatchObject({ code: 0, stderr: '' });
    const verified = JSON.parse((await runCli(['verify', 'again', '--json'], { cwd: folder })).stdout);
    expect(verified.report.rootDigest).toBe(lock.rootDigest);
    expect(verified.report.ok).toBe(true);
  });

  test('a variant for a bundle that is there, and its card', async () => {
    await runCli(['assemble', 'run', '--repo', 'me/sample', '--out', 'varied'], { cwd: folder });
    const plain = await runCli(['export', 'varied'], { cwd: folder });
    expect(plain.stdout).toBe(`${join('varied', 'model.onnx')}\n`);
    const varied = await runCli(['export', 'varied', '--variant', 'fp16'], { cwd: folder });
    expect(varied.stdout.trimEnd().split('\n').at(-1)).toBe('next: hubwright card varied');
    const { stdout } = await runCli(['card', 'varied', '--check'], { cwd: folder });
    expect(stdout).toContain('+| `onnx/model_fp16.onnx` |');
  });

  test('a card that is out of date', async () => {
    await runCli(['assemble', 'run', '--repo', 'me/sample', '--out', 'stale'], { cwd: folder });
    editText(join(folder, 'stale'), 'README.md', (text) =>
      text.replace('| MSE | 0.0127 |', '| MSE | 0.0126 |'),
    );
    await expectSnapshot('card-check', 'hubwright card stale --check');
  });

  test('provenance: attest, and verify what was signed', async () => {
    await runCli(['assemble', 'run', '--repo', 'me/sample', '--out', 'attested'], { cwd: folder });
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(folder, 'key.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
    await expectSnapshot('attest', 'hubwright attest attested');
    await expectSnapshot('attest-unsigned', 'hubwright verify attested --only provenance --key key.pub.pem');
    await expectSnapshot('attest-signed', 'hubwright attest attested --key key.pem');
    await expectSnapshot('attest-verified', 'hubwright verify attested --only provenance --key key.pub.pem');
  });

  test('score from standard input and from a file', async () => {
    await runCli(['assemble', 'run', '--repo', 'me/sample', '--out', 'scored'], { cwd: folder });
    const one = await runCli(['score', 'scored', '--json'], { cwd: folder, input: 'SQL: SELECT 1' });
    const [row] = JSON.parse(one.stdout).rows;
    expect(row.score).toBeCloseTo(1 / (1 + Math.exp(-row.logit)), 6);
    const many = await runCli(['score', 'scored', '--input', 'run/test_set.csv'], { cwd: folder });
    expect(many.stdout.split('\n').length).toBeGreaterThan(100);
  });

  test('with --quiet nothing but the exit code', async () => {
    expect(await runCli(['verify', 'bundle', '--quiet'], { cwd: folder })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});
