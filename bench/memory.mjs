// Time to load, time to run and memory, with weights copied and with weights left in their file. Each pass is a process
// of its own, and the two take turns. Where this process may make a control group (root on Linux), the latter also runs
// in one of 250 MB, with nothing of the weights in the page cache.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportOnnx } from '../dist/export/index.js';
import { packBatch } from '../dist/inference/batches.js';
import { openSession } from '../dist/inference/session.js';
import { MODEL, makeRows, median, writeResult } from './shared.mjs';

const ROUNDS = 2;
const LENGTHS = [128, 512, 2048];
const LIMIT_BYTES = 250e6;

/** Bytes of a line of /proc/self/status; NaN where there is none. */
function readStatus(key) {
  const text = readFileSync('/proc/self/status', 'utf8');
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024;
}

async function measure(weights) {
  let anonymous = 0;
  const look = () => {
    anonymous = Math.max(anonymous, readStatus('RssAnon'));
  };
  const started = performance.now();
  await exportOnnx(MODEL, { pooling: 'mean' });
  const conditions = weights === 'mapped' ? { weights } : {};
  const session = await openSession(join(MODEL, 'model.onnx'), { provider: 'cpu', conditions });
  const loadSeconds = (performance.now() - started) / 1000;
  const anonymousLoaded = readStatus('RssAnon');
  // The call computes on its own thread, so that a timer would not fire: what a batch needs is looked at behind it,
  // and the arena keeps what it has claimed.
  for (const length of LENGTHS.toReversed()) {
    await session.run(packBatch(makeRows(1, length), 0), ['logits']);
    look();
  }
  const runs = performance.now();
  for (const length of LENGTHS) await session.run(packBatch(makeRows(1, length), 0), ['logits']);
  look();
  return {
    loadSeconds,
    runSeconds: (performance.now() - runs) / 1000,
    anonymousLoaded,
    anonymousBytes: anonymous,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** Runs the mapped pass under a limit of memory, page cache included; undefined where none can be set. */
function measureLimited() {
  const [folder, file] = existsSync('/sys/fs/cgroup/memory')
    ? ['/sys/fs/cgroup/memory/hubwright-bench', 'memory.limit_in_bytes']
    : ['/sys/fs/cgroup/hubwright-bench', 'memory.max'];
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, file), String(LIMIT_BYTES));
    execFileSync('sync');
    // Pages that are there already would be counted to whoever has read them.
    writeFileSync('/proc/sys/vm/drop_caches', '3');
  } catch {
    return undefined;
  }
  try {
    const script = `echo $$ > ${folder}/cgroup.procs; exec "$0" "$1" mapped`;
    const text = execFileSync('sh', ['-c', script, process.execPath, import.meta.filename], {
      encoding: 'utf8',
    });
    return { weights: 'mapped, in 250 MB', ...JSON.parse(text) };
  } finally {
    rmdirSync(folder);
  }
}

const [wanted] = process.argv.slice(2);
if (wanted !== undefined) {
  process.stdout.write(JSON.stringify(await measure(wanted)));
} else {
  const passes = { copied: [], mapped: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const weights of Object.keys(passes)) {
      const text = execFileSync(process.execPath, [import.meta.filename, weights], { encoding: 'utf8' });
      passes[weights].push(JSON.parse(text));
      console.log(weights, text);
    }
  }
  const results = Object.entries(passes).map(([weights, all]) => {
    const middle = (key) => median(all.map((pass) => pass[key]));
    return {
      weights,
      loadSeconds: middle('loadSeconds'),
      runSeconds: middle('runSeconds'),
      anonymousLoaded: middle('anonymousLoaded'),
      anonymousBytes: middle('anonymousBytes'),
      peakBytes: middle('peakBytes'),
      passes: all,
    };
  });
  const limited = measureLimited();
  console.log(limited);
  writeResult('memory', {
    rounds: ROUNDS,
    lengths: LENGTHS,
    results: limited === undefined ? results : [...results, limited],
  });
}
