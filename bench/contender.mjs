// Hubwright as a contender: exports and loads the model, then scores all rows once for each line on standard input.
// usage: contender.mjs MODEL_DIR ROWS_FILE
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { exportOnnx } from '../dist/export/index.js';
import { mergeEqual, packBatch, planBatches } from '../dist/inference/batches.js';
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
  const logits = new Float64Array(rows.length);
  for (const batch of planBatches(mergeEqual(rows))) {
    const { logits: output } = await session.run(
      packBatch(
        batch.map(({ ids }) => ids),
        0,
      ),
      ['logits'],
    );
    for (const [i, { rows: places }] of batch.entries())
      for (const place of places) logits[place] = output[i];
  }
  say({ seconds: (performance.now() - started) / 1000, logits: [...logits] });
}
