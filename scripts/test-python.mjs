// `npm run test:python`: makes the Python environments that can be had here, and runs the tests that ask them.
// Arguments go to vitest. Tests whose environment is missing are skipped, and say so.
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { build, install, run } from './setup.mjs';

const SETS = {
  current: 'HUBWRIGHT_PYTHON',
  transformers4: 'HUBWRIGHT_PYTHON_V4',
  hub2: 'HUBWRIGHT_PYTHON_HUB2',
};
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');

const env = {};
for (const [set, variable] of Object.entries(SETS)) {
  const dir = join(cache, `hubwright-oracle-${set}`);
  const { status, stdout } = spawnSync('sh', ['scripts/setup-oracle.sh', dir, set], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status === 0) env[variable] = stdout.trim().split('\n').at(-1);
  else console.log(`${set}: not to be had here; the tests that ask it are skipped`);
}

install();
build();
run(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'python.test', 'python-client', ...process.argv.slice(2)],
  env,
);
