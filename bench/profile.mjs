// Where the time of ModernBERT-base goes, by operator, as ONNX Runtime's own profiler has it.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { exportOnnx } from '../dist/export/index.js';
import { writeVariant } from '../dist/export/variants/write.js';
import { packBatch } from '../dist/inference/batches.js';
import { MODEL, makeRows, writeResult } from './shared.mjs';

const ROUNDS = 5;
const SHAPES = [
  [4, 128],
  [1, 512],
  [1, 2048],
];

const checkpoint = await exportOnnx(MODEL, { pooling: 'mean' });
await writeVariant(MODEL, 'int8', checkpoint, { pooling: 'mean' });
const results = [];
for (const [variant, file, shapes] of [
  ['fp32', 'model.onnx', SHAPES],
  ['int8', 'onnx/model_quantized.onnx', SHAPES.slice(0, 2)],
]) {
  for (const [rows, length] of shapes) {
    const operators = await profile(join(MODEL, file), rows, length);
    results.push({ variant, rows, length, operators });
    console.log(`${variant}, ${rows} × ${length}`, operators);
  }
}
writeResult('profile', { rounds: ROUNDS, results });

async function profile(path, rows, length) {
  const folder = mkdtempSync(join(tmpdir(), 'hubwright-profile-'));
  const session = await ort.InferenceSession.create(path, {
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
  const events = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  rmSync(folder, { recursive: true });
  return sum(events);
}

/** Each operator's milliseconds of one run, the slowest first; an `If` is what its branches take, and left out. */
function sum(events) {
  const times = new Map();
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time') || args.op_name === 'If') continue;
    times.set(args.op_name, (times.get(args.op_name) ?? 0) + dur / 1000 / ROUNDS);
  }
  return [...times]
    .map(([name, milliseconds]) => ({ name, milliseconds }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}
