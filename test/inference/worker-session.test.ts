import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packBatch } from '../../src/inference/batches.ts';
import { openSession } from '../../src/inference/session.ts';
import { openWorkerSession } from '../../src/inference/worker-session.ts';
import { openWorkshop, type Workshop } from '../verify/bundle-fixture.ts';

let workshop: Workshop;
let folder: string;
beforeAll(async () => {
  workshop = await openWorkshop();
  folder = mkdtempSync(join(tmpdir(), 'hubwright-worker-'));
});
afterAll(() => {
  workshop.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const model = () => join(workshop.clean, 'model.onnx');
const batch = () => packBatch([[1, 20, 30, 2]], 0);

/** A worker that answers the opening and does this with the first batch. */
function brokenWorker(name: string, onRun: string): URL {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(
    path,
    `import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ kind }) => {
  if (kind === 'open') parentPort.postMessage({ kind: 'opened', runtimeVersion: '0' });
  else if (kind === 'close') parentPort.close();
  else { ${onRun} }
});`,
  );
  return pathToFileURL(path);
}

describe('a session on a thread of its own', () => {
  test('gives what a session on this thread gives, and leaves this thread free', async () => {
    const [here, there] = [await openSession(model()), await openWorkerSession(model(), { provider: 'cpu' })];
    // Long enough that the timer below must come before the answer, if this thread is free at all.
    const long = () => packBatch([Array.from({ length: 2000 }, (_, i) => i % 1500)], 0);
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 1);
    const { logits } = await there.run(long(), ['logits']);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
    expect(logits).toEqual((await here.run(long(), ['logits'])).logits);
    expect(there.runtimeVersion).toBe(here.runtimeVersion);
    await here.release();
    await there.release();
  });

  test('passes errors on with code, message and hint', async () => {
    await expect(openWorkerSession(join(folder, 'nothing.onnx'), { provider: 'cpu' })).rejects.toMatchObject({
      name: 'HubwrightError',
      code: 'INFERENCE',
      message: expect.stringContaining('nothing.onnx'),
      hint: 'export it again: hubwright export <bundle>',
    });
    const session = await openWorkerSession(model(), { provider: 'cpu' });
    await expect(session.run(packBatch([[1, 999_999, 2]], 0), ['logits'])).rejects.toMatchObject({
      code: 'INFERENCE',
      message: expect.stringContaining('a batch of 1 × 3 tokens failed'),
    });
    // The session outlives a batch that it refused.
    expect((await session.run(batch(), ['logits'])).logits).toHaveLength(1);
    await session.release();
  });

  test.each([
    ['throws', "throw new Error('out of luck')", 'the inference worker stopped: out of luck'],
    ['ends', 'process.exit(9)', 'the inference worker stopped: it ended with code 9'],
  ])('that %s fails the batch at hand and every one after it', async (name, onRun, message) => {
    const session = await openWorkerSession('x', { provider: 'cpu' }, { entry: brokenWorker(name, onRun) });
    const failure = { code: 'INFERENCE', message, hint: expect.stringContaining('memory') };
    await expect(session.run(batch(), ['logits'])).rejects.toMatchObject(failure);
    await expect(session.run(batch(), ['logits'])).rejects.toMatchObject(failure);
    await session.release();
  });

  test('is left at once when the caller aborts, though it hangs', async () => {
    const controller = new AbortController();
    const entry = brokenWorker('hangs', 'setTimeout(() => parentPort.close(), 50)');
    const session = await openWorkerSession('x', { provider: 'cpu' }, { entry, signal: controller.signal });
    const running = session.run(batch(), ['logits']);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
    await session.release();
    await expect(
      openWorkerSession(model(), { provider: 'cpu' }, { signal: controller.signal }),
    ).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});
