import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupAll } from '../dist/inference/scoring.js';
import { createSequences } from '../dist/inference/sequences.js';
import { writeTables } from './tables.mjs';

/** The folder of the generated ModernBERT-base, which `make_model.py` writes. */
export const MODEL = join(
  process.env.HUBWRIGHT_BENCH ?? join(tmpdir(), 'hubwright-bench'),
  'modernbert-base',
);

export const THREADS = availableParallelism();

/** Of before the benchmark, which is a load itself: whether others kept the machine busy. */
const loadBefore = loadavg();

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Writes `results/<name>.json`, with the command, the machine and how busy others kept it, and the README's tables. */
export function writeResult(name, result) {
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const report = {
    command: `npm run bench -- ${name}`,
    machine: `${cpus()[0].model}, ${THREADS} threads, Node ${process.version}`,
    loadAverage: loadBefore.map((load) => Number(load.toFixed(1))),
    ...result,
  };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  writeTables();
  return report;
}

/** The rows of the first benchmark, as Hubwright batches them: equal lengths together, the longest first. */
export function readBatches() {
  const rows = JSON.parse(readFileSync(join(MODEL, 'rows-40.json'), 'utf8'));
  const sequences = createSequences();
  for (const row of rows) sequences.add(row);
  return groupAll(sequences).map((group) => group.map((sequence) => [...sequences.ids(sequence)]));
}

/** Token ids of `rows` rows of `length` tokens: the same each time. */
export function makeRows(rows, length) {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length }, (_, i) => 1000 + ((row * 7919 + i * 104_729) % 49_000)),
  );
}
