import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorkshop, type Workshop } from '../verify/bundle-fixture.ts';
import { runCli } from './run-cli.ts';

let workshop: Workshop;
let folder: string;
beforeAll(async () => {
  workshop = await openWorkshop();
  folder = mkdtempSync(join(tmpdir(), 'hubwright-cli-cache-'));
});
afterAll(() => {
  workshop.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function writeRows(name: string, from: number, to: number): string {
  const path = join(folder, name);
  const rows = Array.from(
    { length: to - from },
    (_, i) => `SELECT ${'a '.repeat((from + i) % 9)}${from + i},b,c`,
  );
  writeFileSync(path, `sql,reasoning,nl\n${rows.join('\n')}\n`);
  return path;
}

async function score(file: string, cache: string, ...flags: string[]) {
  const { stdout, code } = await runCli(['score', workshop.clean, '--input', file, '--json', ...flags], {
    env: { HUBWRIGHT_CACHE_DIR: join(folder, cache) },
  });
  expect(code).toBe(0);
  return JSON.parse(stdout) as { cache: { texts: number; cached: number }; rows: object[] };
}

describe('the score cache on the command line', () => {
  test('serves two processes at a time, and a third finds what both have left', async () => {
    const [low, high] = [writeRows('low.csv', 0, 40), writeRows('high.csv', 30, 70)];
    const [one, two] = await Promise.all([score(low, 'shared'), score(high, 'shared')]);
    const both = await score(writeRows('all.csv', 0, 70), 'shared');
    // A text may have been alone of its length there and not here, and is then computed again.
    expect(both.cache.texts).toBe(70);
    expect(both.cache.cached).toBeGreaterThan(60);
    const again = await score(join(folder, 'all.csv'), 'shared');
    expect(again.cache).toEqual({ texts: 70, cached: 70 });
    expect(again.rows).toEqual(both.rows);
    expect(one.rows).toEqual((await score(low, 'shared')).rows);
    expect(two.rows).toEqual((await score(high, 'shared')).rows);
  });

  test('--no-cache reads and writes none', async () => {
    const file = writeRows('few.csv', 0, 5);
    expect((await score(file, 'unused', '--no-cache')).cache.cached).toBe(0);
    expect(existsSync(join(folder, 'unused'))).toBe(false);
  });

  test('verify tells in --json what it has not computed', async () => {
    const env = { HUBWRIGHT_CACHE_DIR: join(folder, 'verify') };
    const dir = workshop.copy();
    const run = async () => JSON.parse((await runCli(['verify', dir, '--json'], { env })).stdout);
    const [first, second] = [await run(), await run()];
    expect(first.cache.cached).toBe(0);
    expect(second.cache).toEqual({ texts: first.cache.texts, cached: first.cache.texts });
    expect(second.report).toEqual(first.report);
  });
});
