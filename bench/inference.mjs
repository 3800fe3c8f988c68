// Compares Hubwright's inference with PyTorch's on ModernBERT-base: `npm run bench`, with HUBWRIGHT_PYTHON set.
// All contenders stay loaded and take turns, round after round, so that a noisy machine disturbs them alike; the
// medians and their ratios go to bench/results/inference.json.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { median, MODEL as model, THREADS as threads, writeResult } from './shared.mjs';

const here = import.meta.dirname;
const python = process.env.HUBWRIGHT_PYTHON;
if (!python) throw new Error('set HUBWRIGHT_PYTHON: HUBWRIGHT_PYTHON=$(sh scripts/setup-oracle.sh .venv)');
const full = process.argv.includes('--full');
const rounds = full ? 1 : 3;
const count = full ? 955 : 40;
mkdirSync(model, { recursive: true });
const described = execFileSync(python, [join(here, 'make_model.py'), model, String(count)], {
  encoding: 'utf8',
}).trim();
const rowsFile = join(model, `rows-${count}.json`);
console.log(described);

const CONTENDERS = {
  hubwright: [process.execPath, [join(here, 'contender.mjs'), model, rowsFile]],
  'pytorch, the usual script': [
    python,
    [join(here, 'contender.py'), 'usual', model, rowsFile, String(threads)],
  ],
  'pytorch at its best': [python, [join(here, 'contender.py'), 'best', model, rowsFile, String(threads)]],
  'torch.onnx.export': [python, [join(here, 'contender.py'), 'export', model, rowsFile, String(threads)]],
};

const running = {};
for (const [name, [command, args]] of Object.entries(CONTENDERS)) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended early`);
    return JSON.parse(value);
  };
  running[name] = { child, read, load: await read(), passes: [] };
  console.log(`${name}: loaded in ${running[name].load.loadSeconds.toFixed(1)} s`);
}
for (let round = 1; round <= rounds; round++) {
  for (const [name, contender] of Object.entries(running)) {
    contender.child.stdin.write('\n');
    contender.passes.push(await contender.read());
    console.log(`round ${round}, ${name}: ${contender.passes.at(-1).seconds.toFixed(1)} s`);
  }
}

const reference = running['pytorch at its best'].passes[0].logits;
const own = median(running.hubwright.passes.map(({ seconds }) => seconds));
const rows = JSON.parse(readFileSync(rowsFile, 'utf8'));
const tokens = rows.reduce((sum, ids) => sum + ids.length, 0);
const results = Object.entries(running).map(([name, { child, load, passes }]) => {
  child.stdin.end();
  const seconds = median(passes.map((pass) => pass.seconds));
  const last = passes.at(-1);
  return {
    name,
    medianSeconds: seconds,
    passes: passes.map((pass) => pass.seconds),
    tokensPerSecond: tokens / seconds,
    ratioToHubwright: seconds / own,
    loadSeconds: load.loadSeconds,
    exportSeconds: load.exportSeconds,
    peakBytes: last.peakBytes,
    largestLogitDifference: Math.max(...last.logits.map((logit, i) => Math.abs(logit - reference[i]))),
  };
});
await Promise.all(Object.values(running).map(({ child }) => child.exitCode ?? once(child, 'exit')));
writeResult(full ? 'inference-full' : 'inference', { rows: count, tokens, rounds, results });
console.table(
  results.map(({ name, medianSeconds, tokensPerSecond, ratioToHubwright, loadSeconds, peakBytes }) => ({
    name,
    seconds: medianSeconds.toFixed(1),
    'tokens/s': Math.round(tokensPerSecond),
    ratio: ratioToHubwright.toFixed(2),
    'load, s': loadSeconds.toFixed(1),
    'peak, MB': Math.round(peakBytes / 1e6),
  })),
);
