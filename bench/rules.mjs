// Measures the rules that need no inference on a bundle of 600 MB, with and without kept hashes, and the search for near-
// duplicates over 100,000 rows.
import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findArchitecture } from '../dist/architectures/index.js';
import { assemble } from '../dist/assemble/index.js';
import { loadConfig } from '../dist/config.js';
import { verify } from '../dist/verify/index.js';
import { findNearRows } from '../dist/verify/texts/near-search.js';
import { surveyTexts } from '../dist/verify/texts/text-survey.js';
import { median, writeResult } from './shared.mjs';

const ROUNDS = 5;
const ROWS = 100_000;
const SAMPLE = new URL('../artifacts/sample-run', import.meta.url).pathname;

if (process.argv[2] === 'near') {
  console.log(JSON.stringify(await measureNear()));
} else {
  const folder = mkdtempSync(join(tmpdir(), 'hubwright-bench-'));
  try {
    const rules = await measureRules(folder);
    const near = JSON.parse(
      execFileSync(process.execPath, [import.meta.filename, 'near'], { encoding: 'utf8' }),
    );
    console.log(JSON.stringify(writeResult('rules', { rounds: ROUNDS, rules, near }), null, 2));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Cold: no hash is kept. Warm: all are. The two take turns; the files are in the page cache either way. */
async function measureRules(folder) {
  const run = join(folder, 'run');
  cpSync(SAMPLE, run, { recursive: true });
  writeBaseSizedModel(run);
  const dir = join(folder, 'bundle');
  await assemble(run, { config: await loadConfig(join(run, 'hubwright.json')), outDir: dir });
  // A file that was just written is not trusted to have settled.
  await sleep(3000);
  const times = { cold: [], warm: [] };
  const warmCache = join(folder, 'cache');
  const seconds = async (cacheDir) => {
    const stop = startClock();
    const report = await verify(dir, { cheap: true, cacheDir });
    if (report.summary.fail > 0) throw new Error(JSON.stringify(report.findings, null, 2));
    return stop();
  };
  await seconds(warmCache);
  for (let round = 0; round < ROUNDS; round += 1) {
    times.cold.push(await seconds(join(folder, `cache-${round}`)));
    times.warm.push(await seconds(warmCache));
  }
  return { megabytes: 598, cold: summarize(times.cold), warm: summarize(times.warm), rounds: ROUNDS };
}

/** Weights of the size of ModernBERT-base, random, for the sample's tokenizer. */
function writeBaseSizedModel(run) {
  const path = join(run, 'config.json');
  const layers = 22;
  const config = {
    ...JSON.parse(readFileSync(path, 'utf8')),
    ...{ hidden_size: 768, intermediate_size: 1152, num_attention_heads: 12, num_hidden_layers: layers },
    ...{ vocab_size: 50_368, local_attention: 128 },
    layer_types: Array.from({ length: layers }, (_, i) =>
      i % 3 === 0 ? 'full_attention' : 'sliding_attention',
    ),
  };
  writeFileSync(path, JSON.stringify(config));
  const { architecture } = findArchitecture(config);
  const tensors = [...architecture.listTensors(architecture.readConfig(config))].map(([name, shape]) => [
    `encoder.${name}`,
    shape,
  ]);
  tensors.push(['regressor.weight', [1, 768]], ['regressor.bias', [1]]);
  let offset = 0;
  const header = { __metadata__: { format: 'pt' } };
  for (const [name, shape] of tensors) {
    const size = 4 * shape.reduce((product, dim) => product * dim, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + size] };
    offset += size;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const file = openSync(join(run, 'model.safetensors'), 'w');
  writeSync(file, length);
  writeSync(file, padded);
  const chunk = Buffer.alloc(1 << 20);
  for (let left = offset; left > 0; left -= chunk.length) {
    randomFillSync(chunk);
    // Below 2^-1 and never NaN: the exponent's upper bits are cleared.
    for (let i = 3; i < chunk.length; i += 4) chunk[i] &= 0x3e;
    writeSync(file, chunk, 0, Math.min(left, chunk.length));
  }
  closeSync(file);
}

/** 90,000 rows against 10,000, of some 120 words; a tenth of the smaller has one word of its twin changed. */
async function measureNear() {
  const random = lcg(7);
  const word = () => `w${Math.floor(random() ** 2 * 20_000)}`;
  const text = () => Array.from({ length: 60 + Math.floor(random() * 120) }, word).join(' ');
  const train = Array.from({ length: ROWS * 0.9 }, text);
  const planted = ROWS * 0.01;
  const test = Array.from({ length: ROWS * 0.1 }, (_, i) =>
    i < planted ? train[i * 7].replace(/ w\d+ /, ' changed ') : text(),
  );
  const survey = (texts) =>
    surveyTexts(
      { labels: new Float64Array(texts.length), readTexts: async (take) => texts.forEach(take) },
      '',
    );
  const stop = startClock();
  const [a, b] = [await survey(test), await survey(train)];
  const found = findNearRows(a.sketches, b.sketches, 0.8);
  const { seconds, cpuSeconds } = stop();
  const hits = found.filter(({ row, other }) => row < planted && other === row * 7).length;
  return {
    rows: ROWS,
    seconds: round(seconds),
    cpuSeconds: round(cpuSeconds),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    planted,
    found: hits,
    others: found.length - hits,
  };
}

function lcg(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Wall time, and that of the process on all cores: on a shared machine the first says more about the neighbours. */
function startClock() {
  const [start, used] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(used);
    return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 };
  };
}

function summarize(times) {
  const of = (key) => round(median(times.map((time) => time[key])));
  return { seconds: of('seconds'), cpuSeconds: of('cpuSeconds') };
}

function round(value) {
  return Number(value.toPrecision(3));
}
