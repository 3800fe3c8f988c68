import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readLock, writeLock } from '../../src/bundle.ts';
import { makePlainBundle } from '../cli/plain-bundle.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');
const SIZE = 2 * 1024 ** 3;
const MOST_KB = 300 * 1024;
/** Tells at the end how much memory a process had at most, in KB. */
const TELL_PEAK =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS))';

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; peakKb: number; stderr: string }>;
}

function run(root: string, args: readonly string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, ['--import', TELL_PEAK, MAIN, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: root, CI: 'true', HUBWRIGHT_CACHE_DIR: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr?.on('data', (part) => {
    stderr += part;
  });
  const ended = new Promise<{ code: number | null; peakKb: number; stderr: string }>((done) =>
    child.on('close', (code) => done({ code, peakKb: Number(/peak (\d+)/.exec(stderr)?.[1]), stderr })),
  );
  return { child, ended };
}

test('2 GiB go through publish and the local Hub, and back, in flat memory', async () => {
  const root = makeTempDir();
  const bundle = join(root, 'bundle');
  await makePlainBundle(bundle, 'me/large');
  truncateSync(join(bundle, 'model.safetensors'), SIZE);
  await writeLock(bundle);

  const hub = run(root, ['hub', '--data', join(root, 'hub'), '--port', '0', '--json', '--quiet']);
  const url = await new Promise<string>((done) => {
    let text = '';
    hub.child.stdout?.on('data', (part) => {
      text += part;
      if (text.endsWith('}\n')) done(JSON.parse(text).url);
    });
  });
  const token = readFileSync(join(root, 'hub/token'), 'utf8');
  const client = await run(root, ['publish', bundle, '--repo', 'me/large', '--no-verify'], {
    HF_ENDPOINT: url,
    HF_TOKEN: token,
  }).ended;
  expect(client.code, client.stderr).toBe(0);
  expect(client.peakKb).toBeLessThan(MOST_KB);

  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/me/large/resolve/main/model.safetensors`, { headers });
  const hash = createHash('sha256');
  let size = 0;
  for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) {
    hash.update(part);
    size += part.length;
  }
  const [locked] = (await readLock(bundle)).files.filter(({ path }) => path === 'model.safetensors');
  expect({ size, sha256: hash.digest('hex') }).toMatchObject({ size: SIZE, sha256: locked?.sha256 });

  hub.child.kill('SIGINT');
  const server = await hub.ended;
  expect(server.code, server.stderr).toBe(0);
  expect(server.peakKb).toBeLessThan(MOST_KB);
});
