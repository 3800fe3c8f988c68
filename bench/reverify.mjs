// Verifying a bundle of 600 MB again when nothing has changed: scores come from the cache. The model is random, so that
// its metrics are wrong; what takes time is the same.
import { spawnSync } from 'node:child_process';
import { cpSync, linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MODEL, median, writeResult } from './shared.mjs';

const CLI = join(import.meta.dirname, '../dist/cli/main.js');
const SAMPLE = join(import.meta.dirname, '../artifacts/sample-run');
const ROUNDS = 5;

const work = mkdtempSync(join(dirname(MODEL), 'reverify-'));
const run = join(work, 'run');
const bundle = join(work, 'bundle');
cpSync(SAMPLE, run, { recursive: true });
rmSync(join(run, 'model.safetensors'));
linkSync(join(MODEL, 'model.safetensors'), join(run, 'model.safetensors'));
writeFileSync(join(run, 'config.json'), readFileSync(join(MODEL, 'config.json')));
const hubwright = (...args) => {
  const env = { ...process.env, HUBWRIGHT_CACHE_DIR: join(work, 'cache') };
  const started = performance.now();
  const { status, stderr, stdout } = spawnSync(process.execPath, [CLI, ...args], { env, encoding: 'utf8' });
  if (status !== 0 && status !== 1) throw new Error(`${args[0]} ended with code ${status}: ${stderr}`);
  return { seconds: (performance.now() - started) / 1000, stdout };
};
try {
  const assembled = hubwright('assemble', run, '--out', bundle);
  const first = hubwright('verify', bundle, '--json');
  console.log(`assembled in ${assembled.seconds.toFixed(1)} s, verified in ${first.seconds.toFixed(1)} s`);
  const passes = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { seconds, stdout } = hubwright('verify', bundle, '--json');
    const { cache } = JSON.parse(stdout);
    passes.push({ seconds, ...cache });
    console.log(`again: ${seconds.toFixed(2)} s, ${cache.cached} of ${cache.texts} from the cache`);
  }
  writeResult('reverify', {
    rounds: ROUNDS,
    assembleSeconds: assembled.seconds,
    firstSeconds: first.seconds,
    medianSeconds: median(passes.map(({ seconds }) => seconds)),
    passes,
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
