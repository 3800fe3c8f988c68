// What int8 gains on a CPU: the fp32 and int8 models of ModernBERT-base, on the same tokens in turn.
import { join } from 'node:path';
import { exportOnnx } from '../dist/export/index.js';
import { writeVariant } from '../dist/export/variants/write.js';
import { packBatch } from '../dist/inference/batches.js';
import { openSession } from '../dist/inference/session.js';
import { MODEL, makeRows, median, writeResult } from './shared.mjs';

const ROUNDS = 7;
const SHAPES = [
  [1, 128],
  [4, 128],
  [1, 512],
  [1, 2048],
];

const checkpoint = await exportOnnx(MODEL, { pooling: 'mean' });
await writeVariant(MODEL, 'int8', checkpoint, { pooling: 'mean' });
const sessions = {
  fp32: await openSession(join(MODEL, 'model.onnx')),
  int8: await openSession(join(MODEL, 'onnx/model_quantized.onnx')),
};
const results = [];
for (const [rows, length] of SHAPES) {
  const passes = { fp32: [], int8: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, session] of Object.entries(sessions)) {
      const batch = packBatch(makeRows(rows, length), 0);
      const started = performance.now();
      await session.run(batch, ['logits']);
      // The first round warms up.
      if (round > 0) passes[name].push((performance.now() - started) / 1000);
    }
  }
  const seconds = { fp32: median(passes.fp32), int8: median(passes.int8) };
  const ratio = median(passes.fp32.map((fp32, i) => fp32 / passes.int8[i]));
  results.push({ rows, length, seconds, ratio, passes });
  console.log(`${rows} × ${length}: ${ratio.toFixed(2)} ×`);
}
writeResult('variants', { rounds: ROUNDS, results });
