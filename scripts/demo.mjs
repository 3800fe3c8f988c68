// `npm run demo`: from a fresh clone to a published model, on this machine alone.
// --keep leaves the local Hub running, so that the published repository can be looked at and downloaded.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, install } from './setup.mjs';

const REPO = 'demo/sql-reward-model';

install();
build();
const { startHub } = await import('../dist/hub/index.js');
const keep = process.argv.includes('--keep');
const folder = mkdtempSync(join(tmpdir(), 'hubwright-demo-'));
// Good for this demo's own Hub only, which listens on loopback and ends with it.
const token = 'hf_demo';
const hub = await startHub({
  dataDir: join(folder, 'hub'),
  tokens: [{ token, user: 'demo', role: 'write' }],
});

try {
  const bundle = join(folder, 'bundle');
  await hubwright('publish', 'artifacts/sample-run', '--repo', REPO, '--out', bundle, '--yes');
  // What a stranger would get: the repository, downloaded again and verified on its own.
  await hubwright('verify', REPO);
  console.log(`\nPublished to a local Hub, downloaded from there and verified again: ${hub.url}/${REPO}`);
  if (keep) await keepRunning();
  else console.log('The Hub ends here. To keep it and look at the repository: npm run demo -- --keep');
} finally {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Runs one command of the built CLI against the demo's Hub, as a user would, and shows it. */
async function hubwright(...args) {
  console.log(`\n$ hubwright ${args.map((arg) => arg.replace(folder, '…')).join(' ')}`);
  const env = { ...process.env, HF_ENDPOINT: hub.url, HF_TOKEN: token };
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args], { stdio: 'inherit', env });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`hubwright ${args[0]} ended with exit code ${code}`);
}

async function keepRunning() {
  console.log(
    `\nThe Hub runs until Ctrl-C. Its repositories can be read with\n  export HF_ENDPOINT=${hub.url} HF_TOKEN=${token}`,
  );
  await once(process, 'SIGINT');
}
