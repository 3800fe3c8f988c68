import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openProbe } from '../../src/inference/model-probe.ts';
import { exportSampleRun } from '../fixtures/sample-run.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

const BATCH = [
  [1, 40, 41, 2],
  [1, 42, 2],
];

test('a batch that an earlier run asked about is not computed again', async () => {
  const dir = await exportSampleRun();
  const cache = { dir: makeTempDir(), model: 'a digest' };
  const first = await openProbe(dir, { cache });
  const logits = await first.run(BATCH);
  const again = await first.run(BATCH, 'again');
  await first.release();
  expect(again).toEqual(logits);

  // Nothing could compute it now.
  rmSync(join(dir, 'model.onnx'));
  const second = await openProbe(dir, { cache });
  expect(await second.run(BATCH)).toEqual(logits);
  expect(await second.run(BATCH, 'again')).toEqual(logits);
  await expect(second.run(BATCH, 'a third time')).rejects.toMatchObject({ code: 'INFERENCE' });
  await expect(second.run(BATCH.toReversed())).rejects.toMatchObject({ code: 'INFERENCE' });
  await second.release();
  const other = await openProbe(dir, { cache: { ...cache, model: 'another digest' } });
  await expect(other.run(BATCH)).rejects.toMatchObject({ code: 'INFERENCE' });
  const none = await openProbe(dir);
  await expect(none.run(BATCH)).rejects.toMatchObject({ code: 'INFERENCE' });
});
