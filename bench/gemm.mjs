// How near the model comes to what the machine can multiply. In turn, round after round: the model, and a graph of
// nothing but its matrix products, over the very same weights and as many tokens. Only necessary operations count:
// two a weight and token, and for attention those of keys that a query may see.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { exportOnnx } from '../dist/export/index.js';
import { createGraph } from '../dist/graph/graph.js';
import { packBatch } from '../dist/inference/batches.js';
import { openSession } from '../dist/inference/session.js';
import { MODEL, makeRows, median, readBatches, writeResult } from './shared.mjs';

const ROUNDS = 3;
const SHAPES = [
  [4, 128],
  [1, 512],
  [1, 2048],
];

const { architecture: _, config, encoder } = await exportOnnx(MODEL, { pooling: 'mean' });
const { hiddenSize: hidden, intermediateSize: inner, layerTypes, radius } = config;
const perToken = 2 * (4 * hidden * hidden + 3 * hidden * inner) * layerTypes.length;

/** Operations of attention for one row: 2 · 2 · hidden for each pair of a query and a key that it sees. */
function attentionOps(length) {
  let near = 0;
  for (let i = 0; i < length; i++) near += Math.min(length - 1, i + radius) - Math.max(0, i - radius) + 1;
  return layerTypes.reduce((sum, type) => sum + 4 * hidden * (type === 'full' ? length * length : near), 0);
}

/** All products of all layers, one behind the other; `alpha` keeps values about 1, for tiny ones are slow. */
function writeProducts(path) {
  const graph = createGraph();
  let x = graph.input('x', 'float32', ['tokens', hidden]);
  const multiply = (value, name, rows, width) =>
    graph.op('Gemm', [value, graph.weight(encoder.get(name), rows)], {
      transB: { int: 1 },
      alpha: { float: 1 / (0.02 * Math.sqrt(width)) },
    });
  for (const layer of layerTypes.keys()) {
    const at = (name) => `layers.${layer}.${name}.weight`;
    for (const part of [0, 1, 2])
      x = multiply(x, at('attn.Wqkv'), [part * hidden, (part + 1) * hidden], hidden);
    x = multiply(x, at('attn.Wo'), undefined, hidden);
    for (const half of [0, 1]) {
      const wide = multiply(x, at('mlp.Wi'), [half * inner, (half + 1) * inner], hidden);
      x = multiply(wide, at('mlp.Wo'), undefined, inner);
    }
  }
  graph.output('y', x, 'float32', ['tokens', hidden]);
  const facts = { name: 'products', weightsFile: 'model.safetensors', producerVersion: '0', metadata: {} };
  writeFileSync(path, graph.toBytes(facts));
  return 2 * (4 * hidden * hidden + 4 * hidden * inner) * layerTypes.length;
}

const path = join(MODEL, 'products.onnx');
const productsPerToken = writeProducts(path);
const model = await openSession(join(MODEL, 'model.onnx'));
const products = await ort.InferenceSession.create(path, {
  logSeverityLevel: 4,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
});

async function time(run) {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}

/** Some batches as one measurement: the model and its products, in turns. */
async function compare(name, batches) {
  const packed = batches.map((rows) => packBatch(rows, 0));
  const inputs = packed.map(({ rows, length }) => {
    const values = Float32Array.from({ length: rows * length * hidden }, (_, i) => Math.sin(i));
    return new ort.Tensor('float32', values, [rows * length, hidden]);
  });
  const runModel = () =>
    time(async () => {
      for (const batch of packed) await model.run(batch, ['logits']);
    });
  const runProducts = () =>
    time(async () => {
      for (const x of inputs) await products.run({ x });
    });
  await runModel();
  await runProducts();
  const passes = [];
  for (let round = 0; round < ROUNDS; round++)
    passes.push({ model: await runModel(), products: await runProducts() });
  const sum = (of) => packed.reduce((total, { rows, length }) => total + of(rows, length), 0);
  const modelOps = sum((rows, length) => rows * (length * perToken + attentionOps(length)));
  const productOps = sum((rows, length) => rows * length * productsPerToken);
  const shares = passes.map((pass) => modelOps / pass.model / (productOps / pass.products));
  const rate = (ops, key) => ops / median(passes.map((pass) => pass[key])) / 1e9;
  const [modelGflops, productsGflops] = [rate(modelOps, 'model'), rate(productOps, 'products')];
  const share = median(shares);
  console.log(
    `${name}: ${modelGflops.toFixed(0)} of ${productsGflops.toFixed(0)} GFLOP/s, ${(100 * share).toFixed(0)} %`,
  );
  return { name, modelGflops, productsGflops, share, bestShare: Math.max(...shares), passes };
}

const results = [await compare('the forty rows', readBatches())];
for (const [rows, length] of SHAPES)
  results.push(await compare(`${rows} × ${length}`, [makeRows(rows, length)]));
rmSync(path);
writeResult('gemm', { rounds: ROUNDS, results });
