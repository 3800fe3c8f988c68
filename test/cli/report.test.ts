import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { DAMAGED } from '../report/reports.ts';
import { runCli } from './run-cli.ts';

function makeFolder(): string {
  const dir = makeTempDir();
  mkdirSync(join(dir, 'bundle'));
  // A lock makes it a bundle; report looks at nothing else in it.
  writeFileSync(join(dir, 'bundle/hubwright.lock.json'), '{}');
  writeFileSync(join(dir, 'bundle/verification.json'), JSON.stringify(DAMAGED));
  return dir;
}

describe('hubwright report', () => {
  test('writes a report again in another format, from a folder, a file or what verify --json printed', async () => {
    const cwd = makeFolder();
    const whole = { schema: 1, command: 'verify', report: DAMAGED };
    writeFileSync(join(cwd, 'printed.json'), JSON.stringify(whole));
    const run = async (...args: string[]) => runCli(['report', ...args], { cwd });
    const folder = await run('bundle');
    expect(folder).toMatchObject({ code: 0, stderr: '' });
    expect(folder.stdout).toContain('✖ not verified: 2 passed, 1 warned, 2 failed, 1 skipped');
    expect((await run('bundle/verification.json')).stdout).toBe(folder.stdout);
    expect((await run('printed.json')).stdout).toBe(folder.stdout);
    // Files are named as the repository's root sees them.
    expect((await run('bundle', '--format', 'github')).stdout).toContain('file=bundle/README.md,line=12,');
    expect((await run('printed.json', '--format', 'github')).stdout).toContain('file=README.md,line=12,');
  });

  test('writes a file whole or not at all', async () => {
    const cwd = makeFolder();
    expect(
      await runCli(['report', 'bundle', '--format', 'junit', '--out', 'new/folder/j.xml'], { cwd }),
    ).toEqual({
      code: 0,
      stdout: 'new/folder/j.xml\n',
      stderr: '',
    });
    expect(readFileSync(join(cwd, 'new/folder/j.xml'), 'utf8')).toMatch(/^<\?xml /);
    expect(readdirSync(join(cwd, 'new/folder'))).toEqual(['j.xml']);
    const blocked = await runCli(['report', 'bundle', '--out', 'bundle/verification.json/x'], { cwd });
    expect(blocked).toMatchObject({ code: 2, stdout: '' });
    expect(blocked.stderr).toContain('✖ the text report cannot be written to bundle/verification.json/x');
  });

  test('refuses what is no report, and formats that there are not', async () => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, 'other.json'), '{"version": 2}');
    const other = await runCli(['report', 'other.json'], { cwd });
    expect(other).toMatchObject({ code: 2, stdout: '' });
    expect(other.stderr).toContain('is not a report');
    const missing = await runCli(['report', 'nowhere'], { cwd });
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toContain('nowhere cannot be read: it is not there');
    expect((await runCli(['report', 'bundle', '--format', 'junnit'], { cwd })).stderr).toContain(
      'Allowed choices',
    );
    const target = await runCli(['verify', 'bundle', '--report', 'junnit=x.xml'], { cwd });
    expect(target.code).toBe(2);
    expect(target.stderr).toContain('such as junit=report.xml');
  });
});
