// How long `hubwright card` takes on a bundle with 600 MB of weights, as a user starts it, and `hubwright --version`,
// which is what starting Node and loading the program costs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, writeResult } from './shared.mjs';

const BYTES = 600e6;
const runs = 9;
const cli = new URL('../dist/cli/main.js', import.meta.url).pathname;
const run = new URL('../artifacts/sample-run', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'hubwright-bench-'));
const bundle = join(folder, 'bundle');

try {
  call('assemble', run, '--out', bundle, '--quiet');
  truncateSync(join(bundle, 'model.safetensors'), BYTES);
  const times = { card: [], version: [] };
  for (let i = 0; i < runs; i += 1) {
    // Each time there is something to write.
    const readme = join(bundle, 'README.md');
    writeFileSync(readme, readFileSync(readme, 'utf8').replace('## Results', '## Result'));
    times.card.push(call('card', bundle, '--quiet'));
    times.version.push(call('--version'));
  }
  const report = Object.entries(times).map(([name, seconds]) => [name, { median: median(seconds), seconds }]);
  writeResult('card', { rounds: runs, bytes: BYTES, ...Object.fromEntries(report) });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function call(...args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`hubwright ${args[0]}: ${stderr}`);
  return Math.round(performance.now() - start) / 1000;
}
