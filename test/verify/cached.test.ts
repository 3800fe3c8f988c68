import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeLock } from '../../src/bundle.ts';
import { exportOnnx } from '../../src/export/index.ts';
import type { ProgressEvent } from '../../src/progress.ts';
import { type CacheUse, verify } from '../../src/verify/index.ts';
import { editTensor, editText, openWorkshop, type Workshop } from './bundle-fixture.ts';

let workshop: Workshop;
let cacheDir: string;
beforeAll(async () => {
  workshop = await openWorkshop();
  cacheDir = mkdtempSync(join(tmpdir(), 'hubwright-cached-'));
  await run(workshop.copy());
});
afterAll(() => {
  workshop.dispose();
  rmSync(cacheDir, { recursive: true, force: true });
});

async function run(dir: string, cached = true) {
  let use: CacheUse | undefined;
  const notes: string[] = [];
  await verify(dir, {
    cacheDir: cached ? cacheDir : undefined,
    onScored: (now) => {
      use = now;
    },
    onProgress: (event: ProgressEvent) => {
      if (event.kind === 'note') notes.push(event.message);
    },
  });
  return { use: use!, notes, report: readFileSync(join(dir, 'verification.json'), 'utf8') };
}

test('a second run computes nothing, says so, and reports the same bytes', async () => {
  const fresh = await run(workshop.copy(), false);
  const cached = await run(workshop.copy());
  expect(fresh.use.cached).toBe(0);
  expect(fresh.notes).toEqual([]);
  expect(cached.use.cached).toBe(cached.use.texts);
  expect(cached.notes).toEqual([
    `${cached.use.texts} of ${cached.use.texts} texts came from the score cache`,
  ]);
  expect(cached.report).toBe(fresh.report);
});

test('a changed row is computed, the others are not, and the report has the bytes of a fresh one', async () => {
  const change = async () => {
    const dir = workshop.copy();
    editText(dir, 'test_set.csv', (text) => text.replace('SELECT', 'SELECT DISTINCT'));
    await writeLock(dir);
    return dir;
  };
  const cached = await run(await change());
  expect(cached.use.texts - cached.use.cached).toBeGreaterThan(0);
  // The row itself, and at most the one text of its old and of its new length that has lost or found its company.
  expect(cached.use.texts - cached.use.cached).toBeLessThan(4);
  expect(cached.report).toBe((await run(await change(), false)).report);
});

test('other weights and another graph get no score from the cache, whatever the config says some of theirs', async () => {
  const dir = workshop.copy();
  await editTensor(dir, 'regressor.bias', (values) => {
    values[0] = (values[0] ?? 0) + 1;
  });
  await writeLock(dir);
  expect((await run(dir)).use.cached).toBe(0);
  const foreign = workshop.copy();
  await exportOnnx(foreign, { pooling: 'cls' });
  await writeLock(foreign);
  expect((await run(foreign)).use.cached).toBe(0);
  // A graph is what it is made of: no export of these settings, and yet the very one that ran before.
  const claimed = workshop.copy();
  editText(claimed, 'hubwright.json', (text) => text.replace('"mean"', '"cls"'));
  await writeLock(claimed);
  const { use } = await run(claimed);
  expect(use.cached).toBe(use.texts);
});
