import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWorkshop } from '../verify/bundle-fixture.ts';

const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');

test('Ctrl-C while the model runs exits 130 and leaves nothing half-written', async () => {
  const workshop = await openWorkshop();
  const dir = workshop.copy();
  const before = readdirSync(dir);
  const env = {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    NO_COLOR: '1',
    CI: 'true',
    HUBWRIGHT_CACHE_DIR: '',
  };
  const child = spawn(process.execPath, [MAIN, 'verify', dir], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    // The first words only: a second Ctrl-C would end it at once.
    if (stderr === '') child.kill('SIGINT');
    stderr += chunk;
  });
  const code = await new Promise((done) => child.on('close', done));
  expect(code).toBe(130);
  expect(stderr).toMatch(/✖ stopped while (verifying|scoring)/);
  expect(readdirSync(dir)).toEqual(before);
  expect(existsSync(join(dir, 'verification.json'))).toBe(false);
  workshop.dispose();
});
