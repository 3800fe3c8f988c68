import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { attestBundle, signBundle } from '../../src/attest/index.ts';
import { PROVENANCE_FILE, readLock, SIGNATURE_FILE, writeLock } from '../../src/bundle.ts';
import { startHub } from '../../src/hub/index.ts';
import { type VerificationReport, writeReport } from '../../src/verification.ts';
import { makePair } from '../attest/keys.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { sampleReport } from '../publish/sample-report.ts';
import { editText } from '../verify/bundle-fixture.ts';
import { runCli } from './run-cli.ts';

const TOKEN = 'hf_card_repo';
const REPO = 'me/sample';

describe('card --repo', () => {
  test('proposes the card anew from small files, keeps prose, and goes on with its own pull request', async () => {
    const downloads: string[] = [];
    const hub = await startHub({
      dataDir: join(makeTempDir(), 'hub'),
      tokens: [{ token: TOKEN, user: 'me', role: 'write' }],
      onRequest: ({ method, path }) => {
        if (method === 'GET') downloads.push(path);
      },
    });
    onTestFinished(() => hub.close());
    const env = { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN };
    const cli = (...args: string[]) => runCli(args, { env });
    const read = async (file: string, revision: string) =>
      (await fetch(`${hub.url}/${REPO}/resolve/${encodeURIComponent(revision)}/${file}`)).text();

    const bundle = join(makeTempDir(), 'bundle');
    expect(await cli('publish', SAMPLE_RUN, '--repo', REPO, '--out', bundle, '--no-verify')).toMatchObject({
      code: 0,
    });
    downloads.length = 0;
    expect(await cli('card', '--repo', REPO, '--check')).toMatchObject({
      code: 0,
      stdout: `the card of ${REPO} is up to date\n`,
    });
    expect(downloads.length).toBeGreaterThan(5);
    expect(downloads.filter((path) => /resolve.*\.(safetensors|png|bin)/.test(path))).toEqual([]);

    const config = JSON.parse(await read('hubwright.json', 'main'));
    const prose = '\n\nThe author wrote this.\n';
    await commit({
      'hubwright.json': JSON.stringify({ ...config, title: 'A better title' }),
      'README.md': (await read('README.md', 'main')) + prose,
    });
    const check = await cli('card', '--repo', REPO, '--check');
    expect(check).toMatchObject({ code: 1 });
    expect(check.stdout).toContain('+# A better title');

    const proposed = await cli('card', '--repo', REPO);
    expect(proposed).toMatchObject({ code: 0 });
    expect(proposed.stdout).toContain(`pull request 1 opened: ${hub.url}/${REPO}/discussions/1`);
    const card = await read('README.md', 'refs/pr/1');
    expect(card).toContain('# A better title\n');
    expect(card.endsWith(prose)).toBe(true);
    expect(await read('README.md', 'main')).not.toContain('A better title');

    const again = await cli('card', '--repo', REPO, '--json');
    expect(JSON.parse(again.stdout).pull).toMatchObject({ number: 1, isNew: false });
    expect(await read('README.md', 'refs/pr/1')).toBe(card);

    /** What somebody does on the Hub's own pages. */
    async function commit(files: Record<string, string>): Promise<void> {
      const lines = [
        { key: 'header', value: { summary: 'By hand' } },
        ...Object.entries(files).map(([path, content]) => ({
          key: 'file',
          value: { path, content: Buffer.from(content).toString('base64'), encoding: 'base64' },
        })),
      ];
      const answer = await fetch(`${hub.url}/api/models/${REPO}/commit/main`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-ndjson' },
        body: lines.map((line) => JSON.stringify(line)).join('\n'),
      });
      expect(answer.status).toBe(200);
    }
    expect(readFileSync(join(bundle, 'README.md'), 'utf8')).not.toContain('A better title');
  });

  test('takes away statements about another card; the report stays, and says so', async () => {
    const hub = await startHub({
      dataDir: join(makeTempDir(), 'hub'),
      tokens: [{ token: TOKEN, user: 'me', role: 'write' }],
    });
    onTestFinished(() => hub.close());
    const env = { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN };
    const bundle = join(makeTempDir(), 'bundle');
    await runCli(['assemble', SAMPLE_RUN, '--repo', REPO, '--out', bundle]);
    editText(bundle, 'README.md', (text) => text.replace('| MSE | 0.0127 |', '| MSE | 0.0126 |'));
    await writeLock(bundle);
    const { privateKey } = await makePair();
    await signBundle(bundle, privateKey);
    await attestBundle(bundle, privateKey);
    const { rootDigest, files } = await readLock(bundle);
    await writeReport(bundle, sampleReport(rootDigest, { files }));
    expect(await runCli(['publish', bundle, '--repo', REPO], { env })).toMatchObject({ code: 0 });

    const proposed = await runCli(['card', '--repo', REPO], { env });
    expect(proposed.code).toBe(0);
    for (const file of [SIGNATURE_FILE, PROVENANCE_FILE])
      expect(proposed.stderr).toContain(`${file} goes: it is about another README.md\n`);
    const only = 'lock-intact,signature,provenance';
    const seen = await runCli(['verify', `${REPO}@refs/pr/1`, '--only', only, '--json'], { env });
    const { checks, findings }: VerificationReport = JSON.parse(seen.stdout).report;
    expect(checks.map(({ rule, status }) => [rule, status])).toEqual([
      ['lock-intact', 'fail'],
      ['signature', 'skip'],
      ['provenance', 'skip'],
    ]);
    expect(checks.slice(1).every(({ notApplicable }) => notApplicable)).toBe(true);
    expect(findings.map(({ path }) => path)).toEqual(['README.md']);
  });

  test('says what is not there', async () => {
    const hub = await startHub({
      dataDir: join(makeTempDir(), 'hub'),
      tokens: [{ token: TOKEN, user: 'me', role: 'write' }],
    });
    onTestFinished(() => hub.close());
    const run = await runCli(['card', '--repo', 'me/none'], {
      env: { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN },
    });
    expect(run.code).toBe(3);
    expect(run.stderr).toMatch(/✖ .*me\/none/);
  });
});
