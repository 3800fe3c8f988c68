import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folder of the generated ModernBERT-base, which `make_model.py` writes. */
export const MODEL = join(
  process.env.HUBWRIGHT_BENCH ?? join(tmpdir(), 'hubwright-bench'),
  'modernbert-base',
);

export const THREADS = availableParallelism();

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Writes `results/<name>.json`, with the command, the machine, and how busy others kept it. */
export function writeResult(name, result) {
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const report = {
    command: `npm run bench -- ${name}`,
    machine: `${cpus()[0].model}, ${THREADS} threads`,
    loadAverage: loadavg().map((load) => Number(load.toFixed(1))),
    ...result,
  };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

/** Token ids of `rows` rows of `length` tokens: the same each time. */
export function makeRows(rows, length) {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length }, (_, i) => 1000 + ((row * 7919 + i * 104_729) % 49_000)),
  );
}
