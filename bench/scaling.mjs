// What it costs to have more rows (the sample model, by the command line) and longer ones (ModernBERT-base).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportOnnx } from '../dist/export/index.js';
import { packBatch } from '../dist/inference/batches.js';
import { openSession } from '../dist/inference/session.js';
import { MODEL, makeRows, median, writeResult } from './shared.mjs';

const CLI = join(import.meta.dirname, '../dist/cli/main.js');
const SAMPLE = join(import.meta.dirname, '../artifacts/sample-run');
const ROWS = [100, 1_000, 10_000, 100_000];
const LENGTHS = [128, 256, 512, 1024, 2048, 4096, 8192];
const WORDS = ['select', 'name', 'from', 'users', 'where', 'age', 'count', 'order', 'by', 'limit'];

/** Scores so many distinct rows of some 20 tokens; its own memory is what Linux says was its peak. */
async function scoreRows(folder, count) {
  const path = join(folder, 'rows.csv');
  const text = (row) =>
    Array.from({ length: 12 }, (_, i) => WORDS[(row + i * (1 + (row % 7))) % 10]).join(' ');
  const lines = Array.from({ length: count }, (_, row) => `${text(row)} ${row},x,y`);
  writeFileSync(path, `sql,reasoning,nl\n${lines.join('\n')}\n`);
  const started = performance.now();
  const child = spawn(process.execPath, [CLI, 'score', folder, '--input', path, '--no-cache', '--quiet'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peak = 0;
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
    } catch {
      // It has just ended.
    }
  }, 50);
  const [code] = await once(child, 'exit');
  clearInterval(timer);
  if (code !== 0) throw new Error(`score ended with code ${code}`);
  return { seconds: (performance.now() - started) / 1000, peakBytes: peak };
}

const folder = mkdtempSync(join(tmpdir(), 'hubwright-bench-'));
cpSync(SAMPLE, folder, { recursive: true });
await exportOnnx(folder, { pooling: 'mean' });
const rows = [];
for (const count of ROWS) {
  const passes = [];
  for (let round = 0; round < (count > 1_000 ? 1 : 3); round++) passes.push(await scoreRows(folder, count));
  const seconds = median(passes.map((pass) => pass.seconds));
  rows.push({ rows: count, seconds, peakBytes: median(passes.map((pass) => pass.peakBytes)), passes });
  console.log(`${count} rows: ${seconds.toFixed(1)} s, ${Math.round(rows.at(-1).peakBytes / 1e6)} MB`);
}
rmSync(folder, { recursive: true });

await exportOnnx(MODEL, { pooling: 'mean' });
const session = await openSession(join(MODEL, 'model.onnx'));
const passes = new Map(LENGTHS.map((length) => [length, []]));
for (let round = 0; round < 3; round++) {
  // Long rows take long enough to be told from noise.
  for (const length of LENGTHS.filter((length) => round === 0 || length <= 1024)) {
    const batch = packBatch(makeRows(1, length), 0);
    const started = performance.now();
    await session.run(batch, ['logits']);
    passes.get(length).push((performance.now() - started) / 1000);
  }
}
const lengths = LENGTHS.map((length) => {
  const seconds = median(passes.get(length));
  console.log(`${length} tokens: ${seconds.toFixed(2)} s, ${Math.round(length / seconds)} tokens/s`);
  return { length, seconds, tokensPerSecond: length / seconds, passes: passes.get(length) };
});
writeResult('scaling', { rows, lengths });
