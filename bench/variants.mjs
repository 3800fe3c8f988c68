// What int8 gains on a CPU: the fp32 and int8 models of ModernBERT-base, on the same tokens in turn.
import { join } from 'node:path';
import { exportOnnx } from '../dist/export/index.js';
import { writeVariant } from '../dist/export/variants/write.js';
import { packBatch } from '../dist/inference/batches.js';
import { openSession } from '../dist/inference/session.js';
import { MODEL, makeRows, median, readBatches, writeResult } from './shared.mjs';

const ROUNDS = 5;
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
const work = [
  ['the forty rows', readBatches()],
  ...SHAPES.map(([rows, length]) => [`${rows} × ${length}`, [makeRows(rows, length)]]),
];
const results = [];
for (const [name, batches] of work) {
  const passes = { fp32: [], int8: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [variant, session] of Object.entries(sessions)) {
      const packed = batches.map((rows) => packBatch(rows, 0));
      const started = performance.now();
      for (const batch of packed) await session.run(batch, ['logits']);
      // The first round warms up.
      if (round > 0) passes[variant].push((performance.now() - started) / 1000);
    }
  }
  const seconds = { fp32: median(passes.fp32), int8: median(passes.int8) };
  const ratio = median(passes.fp32.map((fp32, i) => fp32 / passes.int8[i]));
  results.push({ name, seconds, ratio, passes });
  console.log(`${name}: ${ratio.toFixed(2)} ×`);
}
writeResult('variants', { rounds: ROUNDS, results });
