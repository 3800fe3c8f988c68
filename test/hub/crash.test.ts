import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commit, createRepo } from '@huggingface/hub';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');
const ID = 'me/model';
/** When the Hub is killed, round by round: so many milliseconds after so many commits. */
const ROUNDS = [
  { commits: 0, delay: 20 },
  { commits: 2, delay: 5 },
  { commits: 3, delay: 30 },
  { commits: 5, delay: 60 },
] as const;

/** The Hub as a process of its own, so that it can be killed. */
async function start(data: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [MAIN, 'hub', '--data', data, '--port', '0', '--json', '--quiet']);
  let text = '';
  child.stdout.on('data', (part) => {
    text += part;
  });
  while (!text.endsWith('}\n')) await new Promise((resolve) => child.stdout.once('data', resolve));
  return { child, url: (JSON.parse(text) as { url: string }).url };
}

describe('a Hub that is killed with SIGKILL', () => {
  let data: string;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'hub-crash-'));
  });
  afterAll(() => rm(data, { recursive: true, force: true }));

  it('has every commit that it acknowledged, and nothing broken', async () => {
    const acknowledged = new Map<string, string>();
    let interrupted = 0;
    for (const [round, { commits, delay }] of ROUNDS.entries()) {
      const { child, url } = await start(data);
      const accessToken = (await readFile(join(data, 'token'), 'utf8')).trim();
      const access = { accessToken, hubUrl: url };
      if (round === 0) await createRepo({ repo: ID, ...access });
      const work = Array.from({ length: 200 }, (_, step) => async () => {
        const path = `${round}-${step}.bin`;
        const content = randomBytes(60_000);
        const operations = [{ operation: 'addOrUpdate' as const, path, content: new Blob([content]) }];
        const isPull = step % 4 === 3;
        await commit({
          repo: ID,
          ...access,
          title: path,
          operations,
          useXet: step % 2 === 0,
          isPullRequest: isPull,
        });
        if (!isPull) acknowledged.set(path, createHash('sha256').update(content).digest('hex'));
      });
      try {
        for (const [done, step] of work.entries()) {
          if (done === commits) setTimeout(() => child.kill('SIGKILL'), delay);
          await step();
        }
      } catch {
        interrupted += 1;
      }
      if (child.exitCode === null && child.signalCode === null) {
        await new Promise((resolve) => child.once('exit', resolve));
      }
    }
    expect(interrupted).toBe(ROUNDS.length);
    expect(acknowledged.size).toBeGreaterThanOrEqual(9);

    const { child, url } = await start(data);
    try {
      const token = (await readFile(join(data, 'token'), 'utf8')).trim();
      const get = (path: string) => fetch(url + path, { headers: { Authorization: `Bearer ${token}` } });
      const git = join(data, 'repos', ID, 'git');
      execFileSync('git', ['--git-dir', git, 'fsck', '--strict', '--no-dangling'], { stdio: 'pipe' });
      const { branches, pullRequests } = (await (
        await get(`/api/models/${ID}/refs?include_prs=1`)
      ).json()) as {
        branches: { targetCommit: string }[];
        pullRequests: { targetCommit: string }[];
      };
      const seen = new Map<string, string>();
      for (const { targetCommit } of [...branches, ...pullRequests]) {
        const rows = (await (await get(`/api/models/${ID}/tree/${targetCommit}`)).json()) as {
          path: string;
          lfs?: { oid: string };
        }[];
        for (const { path, lfs } of rows) {
          if (lfs === undefined || seen.has(path)) continue;
          const answer = await get(`/${ID}/resolve/${targetCommit}/${path}`);
          expect(sha256Of(await answer.arrayBuffer())).toBe(lfs.oid);
          seen.set(path, lfs.oid);
        }
      }
      for (const [path, oid] of acknowledged) expect([path, seen.get(path)]).toEqual([path, oid]);
      const list = (await (await get(`/api/models/${ID}/discussions`)).json()) as { discussions: unknown[] };
      expect(list.discussions.length).toBeLessThanOrEqual(pullRequests.length);
    } finally {
      child.kill();
    }
  }, 120_000);
});

function sha256Of(bytes: ArrayBuffer): string {
  return createHash('sha256').update(new Uint8Array(bytes)).digest('hex');
}
