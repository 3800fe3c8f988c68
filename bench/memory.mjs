// Time to load, time to run and memory, with weights copied and with weights left in their file. Each pass is a process
// of its own, and the two take turns.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportOnnx } from '../dist/export/index.js';
import { packBatch } from '../dist/inference/batches.js';
import { openSession } from '../dist/inference/session.js';
import { MODEL, makeRows, median, writeResult } from './shared.mjs';

const ROUNDS = 2;
const LENGTHS = [128, 512, 2048];

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
  writeResult('memory', { rounds: ROUNDS, lengths: LENGTHS, results });
}
