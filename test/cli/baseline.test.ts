import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hub, startHub } from '../../src/hub/index.ts';
import type { VerificationReport } from '../../src/verification.ts';
import { editJson } from '../verify/bundle-fixture.ts';
import { makeSmallRun } from '../verify/catalogue/small-run.ts';
import { type CliRun, runCli } from './run-cli.ts';

const TOKEN = 'hf_thatMustNeverBeSeen';

let folder: string;
let hub: Hub;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hubwright-baseline-'));
  const run = await makeSmallRun();
  cpSync(run.dir, join(folder, 'run'), { recursive: true });
  run.dispose();
  hub = await startHub({
    dataDir: join(folder, 'hub'),
    tokens: [{ token: TOKEN, user: 'me', role: 'write' }],
  });
  await mustRun('assemble run --repo me/sample --out bundle');
  await mustRun('publish bundle --repo me/sample --tag v1');
  await mustRun('publish run --repo me/secret --private --out secret');
  await mustRun('publish run --repo me/bare --no-verify --out bare');
  // Since v1, main claims to be twice as good.
  await commitReport('me/sample', (report) => scaleErrors(report, 0.5));
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(line: string, env: Record<string, string> = {}): Promise<CliRun> {
  const outcome = await runCli(line.split(' '), {
    cwd: folder,
    env: { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN, ...env },
  });
  expect(outcome.stdout + outcome.stderr).not.toContain(TOKEN);
  return outcome;
}

async function mustRun(line: string): Promise<void> {
  const outcome = await run(line);
  if (outcome.code !== 0) throw new Error(`hubwright ${line}: ${outcome.stderr}`);
}

/** Changes the report in a repository, as somebody with write access could. */
async function commitReport(repo: string, edit: (report: VerificationReport) => void): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const address = `${hub.url}/${repo}/resolve/main/verification.json`;
  const report = (await (await fetch(address, { headers })).json()) as VerificationReport;
  edit(report);
  const content = Buffer.from(JSON.stringify(report)).toString('base64');
  const lines = [
    { key: 'header', value: { summary: 'another report' } },
    { key: 'file', value: { path: 'verification.json', content, encoding: 'base64' } },
  ];
  const answer = await fetch(`${hub.url}/api/models/${repo}/commit/main`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

function scaleErrors(report: VerificationReport, factor: number): void {
  for (const metric of report.metrics)
    if (/^(mse|mae|rmse)$/.test(metric.metric ?? '') && metric.actual !== null) metric.actual *= factor;
}

/** What the comparison came to, metric by metric, as the report has it. */
function compared({ stdout }: CliRun): Record<string, string> {
  const { report } = JSON.parse(stdout) as { report: VerificationReport };
  return Object.fromEntries(report.baseline?.metrics.map(({ metric, status }) => [metric, status]) ?? []);
}

describe('verify --baseline owner/name@revision', () => {
  test('is the same as itself, at the revision that is named, though main has moved on', async () => {
    const outcome = await run('verify bundle --baseline me/sample@v1 --json');
    expect(outcome.code).toBe(0);
    const statuses = compared(outcome);
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['mse', 'rmse', 'mae', 'r2', 'pearson']));
    expect(new Set(Object.values(statuses))).toEqual(new Set(['same']));
    const { baseline } = JSON.parse(outcome.stdout).report;
    expect(baseline).toMatchObject({ source: 'me/sample@v1', sameTestSet: true });
  });

  test('fails where the published model was better, and says by how much', async () => {
    const outcome = await run('verify bundle --baseline me/sample');
    expect(outcome.code).toBe(1);
    expect(outcome.stdout.replace(/\s+/g, ' ')).toMatch(
      /✖ baseline-metrics: the model is not worse than the baseline test_metrics\.json: mse is [\d.]+; me\/sample has [\d.]+ \(worse by at most [\d.e-]+ is allowed\)/,
    );
    expect(compared(await run('verify bundle --baseline me/sample --json'))).toMatchObject({
      mse: 'worse',
      mae: 'worse',
      pearson: 'same',
    });
  });

  test('passes where it was worse', async () => {
    await commitReport('me/secret', (report) => scaleErrors(report, 2));
    const outcome = await run('verify bundle --baseline me/secret@main --json');
    expect(outcome.code).toBe(0);
    expect(compared(outcome)).toMatchObject({ mse: 'better', rmse: 'better', pearson: 'same' });
  });

  test('reads a private model with a token only, and does not tell strangers that it is there', async () => {
    const stranger = await run('verify bundle --baseline me/secret', { HF_TOKEN: '' });
    const nobody = await run('verify bundle --baseline me/nothing', { HF_TOKEN: '' });
    expect([stranger.code, nobody.code]).toEqual([3, 3]);
    const bare = ({ stderr }: CliRun) => stderr.replace(/me\/\w+/g, '…').replace(/request [\w-]+/, '');
    expect(bare(stranger)).toBe(bare(nobody));
    expect(stranger.stderr).toMatch(/✖ .*me\/secret[\s\S]*hint: no usable token was found: set HF_TOKEN/);
  });

  test.each([
    ['a repository that is not there', 'me/nothing', 3, /me\/nothing/],
    ['a revision that is not there', 'me/sample@v9', 3, /v9/],
    ['a model published without a report', 'me/bare', 2, /me\/bare at main has no verification\.json/],
    ['a file that is not there', './none.json', 2, /--baseline names \.\/none\.json: there is no such file/],
    ['a file that is no report', 'run/config.json', 2, /is not a report/],
  ])('%s ends the run with one message, before inference', async (_, source, code, message) => {
    const outcome = await run(`verify bundle --baseline ${source}`);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr).toMatch(/ {2}hint: \S/);
    expect(outcome.stdout).toBe('');
  });

  test('of hubwright.json counts for the own bundle, and not for a copy from the Hub', async () => {
    cpSync(join(folder, 'run'), join(folder, 'own-run'), { recursive: true });
    editJson(join(folder, 'own-run'), 'hubwright.json', (config) => {
      config.verify = { baseline: { source: 'reports/last.json' } };
    });
    await mustRun('assemble own-run --repo me/own --out own');
    const missing = await run('verify own');
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain(
      'verify.baseline.source in own/hubwright.json names reports/last.json: there is no such file',
    );
    mkdirSync(join(folder, 'reports'));
    cpSync(join(folder, 'bundle', 'verification.json'), join(folder, 'reports/last.json'));
    expect(compared(await run('verify own --json'))).toMatchObject({ mse: 'same' });
    await mustRun('publish own --repo me/own');
    rmSync(join(folder, 'reports'), { recursive: true });
    const published = await run('verify me/own --json');
    expect(compared(published)).toEqual({});
    expect(JSON.parse(published.stdout).report.summary.fail).toBe(0);
  });
});
