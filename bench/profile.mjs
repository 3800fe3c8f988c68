// Where the time of ModernBERT-base goes, by operator, as ONNX Runtime's own profiler has it.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { exportOnnx } from '../dist/export/index.js';
import { packBatch } from '../dist/inference/batches.js';
import { MODEL, makeRows, writeResult } from './shared.mjs';

const ROUNDS = 5;
const SHAPES = [
  [4, 128],
  [1, 512],
  [1, 2048],
];

await exportOnnx(MODEL, { pooling: 'mean' });
const results = [];
for (const [rows, length] of SHAPES) {
  const folder = mkdtempSync(join(tmpdir(), 'hubwright-profile-'));
  const session = await ort.InferenceSession.create(join(MODEL, 'model.onnx'), {
    logSeverityLevel: 4,
    enableProfiling: true,
    profileFilePrefix: join(folder, 'profile'),
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const { inputIds, attentionMask } = packBatch(makeRows(rows, length), 0);
  const feeds = {
    input_ids: new ort.Tensor('int64', inputIds, [rows, length]),
    attention_mask: new ort.Tensor('int64', attentionMask, [rows, length]),
  };
  for (let round = 0; round < ROUNDS; round++) await session.run(feeds);
  session.endProfiling();
  await session.release();
  const [file] = readdirSync(folder);
  results.push({ rows, length, operators: sum(JSON.parse(readFileSync(join(folder, file), 'utf8'))) });
  rmSync(folder, { recursive: true });
  console.log(`${rows} × ${length}`, results.at(-1).operators);
}
writeResult('profile', { rounds: ROUNDS, results });

/** Each operator's share of all kernels' time, the largest first; an `If` is what its branches take, and left out. */
function sum(events) {
  const times = new Map();
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time') || args.op_name === 'If') continue;
    times.set(args.op_name, (times.get(args.op_name) ?? 0) + dur);
  }
  const total = [...times.values()].reduce((all, time) => all + time, 0);
  return [...times]
    .map(([name, time]) => ({ name, share: time / total }))
    .filter(({ share }) => share >= 0.002)
    .sort((a, b) => b.share - a.share);
}
