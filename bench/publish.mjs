// Compares `hubwright publish` with `hf upload`, each over Xet and without, on one local Hub each:
// HUBWRIGHT_PYTHON_HUB2=… npm run bench -- publish [--mb 600] [--rounds 3] [--first]. Each contender gets a Hub and a home of its
// own in each round, so that none finds what another has sent, and they take turns. A run is a process of its own, from
// its start to its end. The medians go to bench/results/publish.json.
import { spawn } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import {
  closeSync,
  createWriteStream,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { writeLock } from '../dist/bundle.js';
import { median, writeResult } from './shared.mjs';

const { values: flags } = parseArgs({
  options: {
    mb: { type: 'string', default: '600' },
    rounds: { type: 'string', default: '3' },
    first: { type: 'boolean' },
  },
});
const python = process.env.HUBWRIGHT_PYTHON_HUB2;
if (!python) throw new Error('set HUBWRIGHT_PYTHON_HUB2 to an interpreter with huggingface_hub 2');
const hf = join(dirname(python), 'hf');
const cli = join(import.meta.dirname, '../dist/cli/main.js');
const root = join(process.env.HUBWRIGHT_BENCH ?? join(tmpdir(), 'hubwright-bench'), 'publish');
const bundle = join(root, 'bundle');
const megabytes = Number(flags.mb);
const rounds = Number(flags.rounds);

const CONTENDERS = {
  'hubwright publish': (url, home) => hubwright(url, home),
  'hubwright publish --no-xet': (url, home) => hubwright(url, home, '--no-xet'),
  'hf upload, Xet': (url) => [hf, ['upload', 'me/model', bundle, '.', '--quiet'], { HF_ENDPOINT: url }],
  'hf upload, no Xet': (url) => [
    hf,
    ['upload', 'me/model', bundle, '.', '--quiet'],
    { HF_ENDPOINT: url, HF_HUB_DISABLE_XET: '1' },
  ],
};
const hubwright = (url, home, ...more) => [
  process.execPath,
  [cli, 'publish', bundle, '--repo', 'me/model', '--no-verify', '--yes', '--quiet', ...more],
  { HF_ENDPOINT: url, HUBWRIGHT_CACHE_DIR: join(home, 'cache') },
];
const SCENARIOS = flags.first ? ['first'] : ['first', 'unchanged', 'card only', 'new head', 'another head'];

await makeBundle();
const samples = [];
for (let round = 1; round <= rounds; round += 1) {
  for (const [name, command] of Object.entries(CONTENDERS)) {
    const home = join(root, 'home');
    rmSync(home, { recursive: true, force: true });
    const hub = await startHub(join(root, 'hub'));
    for (const scenario of SCENARIOS) {
      if (scenario === 'card only') await writeCard(`${round} ${name}`);
      if (scenario.endsWith('head')) await writeHead(`${round} ${name} ${scenario}`);
      const [program, args, env] = command(hub.url, home);
      const run = await measure(program, args, {
        PATH: process.env.PATH,
        HOME: home,
        HF_HOME: join(home, 'hf'),
        HF_TOKEN: hub.token,
        HF_HUB_DISABLE_PROGRESS_BARS: '1',
        ...env,
      });
      samples.push({ round, name, scenario, ...run });
      const { seconds, peakMb: peak, sentMb } = run;
      console.log(
        `round ${round}, ${name}, ${scenario}: ${seconds.toFixed(1)} s, peak ${peak} MB, sent ${sentMb.toFixed(1)} MB`,
      );
    }
    samples.push({ round, name, scenario: 'hub', peakMb: peakMb(hub.child.pid) });
    await hub.stop();
  }
}

const of = (name, scenario, key) =>
  median(samples.filter((one) => one.name === name && one.scenario === scenario).map((one) => one[key]));
const perScenario = (name, key) =>
  Object.fromEntries(SCENARIOS.map((one) => [one, Number(of(name, one, key).toFixed(2))]));
const results = Object.keys(CONTENDERS).map((name) => ({
  name,
  seconds: perScenario(name, 'seconds'),
  cpuSeconds: perScenario(name, 'cpuSeconds'),
  sentMb: perScenario(name, 'sentMb'),
  peakMb: Math.max(...SCENARIOS.map((one) => of(name, one, 'peakMb'))),
  hubPeakMb: of(name, 'hub', 'peakMb'),
}));
// What is no whole measurement goes to the terminal only.
if (!flags.first) {
  const suffix = megabytes === 600 ? '' : `-${megabytes}`;
  const given = `${suffix === '' ? '' : ` --mb ${megabytes}`}${rounds === 3 ? '' : ` --rounds ${rounds}`}`;
  writeResult(`publish${suffix}`, {
    command: `npm run bench -- publish${given}`,
    megabytes,
    rounds,
    results,
  });
}
console.table(
  results.map(({ name, seconds, cpuSeconds, sentMb, ...rest }) => ({ name, ...seconds, ...rest })),
);
console.table(results.map(({ name, cpuSeconds }) => ({ name, ...cpuSeconds })));
console.table(results.map(({ name, sentMb }) => ({ name, ...sentMb })));
rmSync(root, { recursive: true, force: true });

/** Weights of noise, which no client can make smaller; the same in every run. */
async function makeBundle() {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(bundle, 'onnx'), { recursive: true });
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16));
  const output = createWriteStream(join(bundle, 'model.safetensors'));
  const zeros = Buffer.alloc(1 << 20);
  for (let at = 0; at < megabytes; at += 1) {
    if (!output.write(cipher.update(zeros))) await new Promise((resolve) => output.once('drain', resolve));
  }
  output.end();
  await finished(output);
  writeFileSync(join(bundle, 'onnx/model.onnx'), cipher.update(zeros));
  writeFileSync(join(bundle, 'config.json'), '{"model_type": "bert"}\n');
  const input = { template: '{{text}}', label: 'score', maxLength: 128 };
  writeFileSync(join(bundle, 'hubwright.json'), JSON.stringify({ repo: 'me/model', input, license: 'mit' }));
  await writeCard('at first');
}

/** The last megabyte of the weights: what a training of the head alone changes. */
async function writeHead(text) {
  const key = createHash('sha256').update(text).digest().subarray(0, 16);
  const noise = createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(1 << 20));
  const file = openSync(join(bundle, 'model.safetensors'), 'r+');
  writeSync(file, noise, 0, noise.length, (megabytes - 1) * (1 << 20));
  closeSync(file);
  await writeLock(bundle);
}

async function writeCard(text) {
  writeFileSync(join(bundle, 'README.md'), `---\nlicense: mit\n---\n# Model\n\n${text}\n`);
  await writeLock(bundle);
}

async function startHub(data) {
  rmSync(data, { recursive: true, force: true });
  const child = spawn(process.execPath, [cli, 'hub', '--data', data, '--port', '0', '--json', '--quiet']);
  child.stderr.resume();
  let text = '';
  for await (const part of child.stdout) {
    text += part;
    if (text.endsWith('}\n')) break;
  }
  const stop = () => {
    child.kill();
    return new Promise((resolve) => child.once('exit', resolve));
  };
  return { child, url: JSON.parse(text).url, token: readFileSync(join(data, 'token'), 'utf8').trim(), stop };
}

async function measure(program, args, env) {
  const start = performance.now();
  const before = loopbackMb();
  const child = spawn(program, args, { env, stdio: 'ignore' });
  let peak = 0;
  let cpuSeconds = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, peakMb(child.pid));
    cpuSeconds = Math.max(cpuSeconds, cpuOf(child.pid));
  }, 20);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(timer);
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  return { seconds, cpuSeconds, peakMb: peak, sentMb: loopbackMb() - before };
}

/** What has gone over the loopback so far, in both directions, in MB. */
function loopbackMb() {
  const [, bytes] = /lo:\s*(\d+)/.exec(readFileSync('/proc/net/dev', 'utf8')) ?? [0, Number.NaN];
  return Number(bytes) / 1e6;
}

/** User and system time of a process so far, which a busy machine lengthens less than the time on the clock. */
function cpuOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

/** A process's largest memory so far, in MB, as Linux counts it. */
function peakMb(pid) {
  try {
    const [, kb] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [0, 0];
    return Math.round(Number(kb) / 1024);
  } catch {
    return 0;
  }
}
