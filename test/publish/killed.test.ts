import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { readLock } from '../../src/bundle.ts';
import { publish } from '../../src/publish/index.ts';
import { look } from './look.ts';
import { openStage, TOKEN } from './stage.ts';

// Small files in parts, so that a kill can fall between two of them.
vi.mock('../../src/hub/limits.ts', async (load) => {
  const { LIMITS, ...rest } = await load<typeof import('../../src/hub/limits.ts')>();
  return { ...rest, LIMITS: { ...LIMITS, multipartFrom: 5_000, multipartPart: 2_000 } };
});

const CHILD = join(import.meta.dirname, 'publish-child.mjs');
/** Of publishes over LFS, and of ones over Xet. */
const KILLS = { LFS: 20, Xet: 12 };
const SEED = 20_261_125;
/** Requests of an undisturbed first publish of the bundle below. */
const REQUESTS = 22;

let onAnswer: (path: string) => void = () => {};
const stage = await openStage({ onAnswer: (path) => onAnswer(path) });
afterAll(() => stage.close());

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = numbers(SEED);
const MOMENTS = Object.entries(KILLS).flatMap(([way, kills]) =>
  Array.from({ length: kills }, (_, i) => ({
    way,
    row: i + 1,
    request: Math.floor(random() * REQUESTS),
    milliseconds: Math.round(random() * 8),
  })),
);
/** Files that go over LFS; and two that resemble each other, which go over Xet. */
const makeFiles = (way: string) => {
  if (way === 'LFS')
    return { 'model.safetensors': randomBytes(3_000), 'onnx/model.onnx': randomBytes(9_000) };
  const weights = randomBytes(1_100_000);
  return { 'model.safetensors': weights, 'onnx/model.onnx': Buffer.concat([randomBytes(9_000), weights]) };
};
const sent: Record<string, number> = { LFS: 0, Xet: 0 };

test.each(MOMENTS)(
  '$way: killed $milliseconds ms after request $request, and run again ($row)',
  async ({ way, row, request, milliseconds }) => {
    const repo = `me/killed-${way}-${row}`;
    await stage.change(makeFiles(way));
    const options = { repo, hubUrl: stage.hubUrl, accessToken: TOKEN, tag: 'v1' };
    const child = spawn(process.execPath, [CHILD, JSON.stringify({ dir: stage.dir, ...options })], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = new Promise<NodeJS.Signals | null>((done) =>
      child.on('close', (_, signal) => done(signal)),
    );
    let answers = 0;
    onAnswer = () => {
      answers += 1;
      if (answers === Math.max(1, request)) setTimeout(() => child.kill('SIGKILL'), milliseconds);
    };
    expect([null, 'SIGKILL']).toContain(await ended);
    onAnswer = () => {};
    // What was on its way when the process died may still arrive.
    await new Promise((done) => setTimeout(done, 50));
    const stored = await listStored(repo);
    stage.stored.clear();
    let xorbs = 0;
    onAnswer = (path) => {
      if (path.includes('/xorbs/')) xorbs += 1;
    };
    const result = await publish(stage.dir, options);
    onAnswer = () => {};
    const seen = await look(stage, repo);
    expect(seen).toMatchObject({ complete: true, commits: 2, tags: { v1: seen.head } });
    expect(result.usage).toContain(seen.head);
    for (const oid of stored)
      expect([...stage.stored.keys()].filter((path) => path.includes(oid))).toEqual([]);
    // Of two files over Xet, the second has hardly anything of its own.
    if (way === 'Xet') expect(xorbs).toBeLessThanOrEqual(2 - stored.length);
    sent[way] = (sent[way] ?? 0) + stored.length;
  },
  60_000,
);

test('some of them died with objects on the Hub, which were not sent again', () => {
  expect(sent.LFS).toBeGreaterThan(5);
  expect(sent.Xet).toBeGreaterThan(3);
});

/** The large files that the Hub has already, as it says itself. */
async function listStored(repo: string): Promise<string[]> {
  const { files } = await readLock(stage.dir);
  const objects = files.map(({ sha256, size }) => ({ oid: sha256, size }));
  const response = await fetch(`${stage.hubUrl}/${repo}.git/info/lfs/objects/batch`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/vnd.git-lfs+json' },
    body: JSON.stringify({ operation: 'upload', transfers: ['basic'], objects }),
  });
  if (!response.ok) return [];
  const answer = (await response.json()) as { objects: { oid: string; actions?: unknown }[] };
  return answer.objects.filter(({ actions }) => actions === undefined).map(({ oid }) => oid);
}
