// Hubwright as a contender: exports and loads the model, then scores all rows once for each line on standard input.
// usage: contender.mjs MODEL_DIR ROWS_FILE
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { exportOnnx } from '../dist/export/index.js';
import { packBatch } from '../dist/inference/batches.js';
import { groupAll } from '../dist/inference/scoring.js';
import { createSequences } from '../dist/inference/sequences.js';
import { openSession } from '../dist/inference/session.js';

const [folder, rowsFile] = process.argv.slice(2);
const rows = JSON.parse(readFileSync(rowsFile, 'utf8'));
const say = (facts) =>
  process.stdout.write(`${JSON.stringify({ ...facts, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`);

let started = performance.now();
await exportOnnx(folder, { pooling: 'mean' });
const exportSeconds = (performance.now() - started) / 1000;
const session = await openSession(join(folder, 'model.onnx'));
say({ loadSeconds: (performance.now() - started) / 1000, exportSeconds });

for await (const _ of createInterface({ input: process.stdin })) {
  started = performance.now();
  const sequences = createSequences();
  for (const row of rows) sequences.add(row);
  const logits = new Float64Array(sequences.count);
  for (const batch of groupAll(sequences)) {
    const packed = packBatch(
      batch.map((sequence) => sequences.ids(sequence)),
      0,
    );
    const { logits: output } = await session.run(packed, ['logits']);
    for (const [i, sequence] of batch.entries()) logits[sequence] = output[i];
  }
  const perRow = rows.map((_, row) => logits[sequences.ofRow(row)]);
  say({ seconds: (performance.now() - started) / 1000, logits: perRow });
}
