import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { readPredictions, readSplit } from '../../src/splits.ts';
import { runCli } from '../cli/run-cli.ts';
import { largestDifference } from '../export/batch.ts';
import { PYTHON, WITHOUT_PYTHON } from '../oracle/python.ts';
import { type OwnHub, openOwnHub } from './own-hub.ts';

const RUN = join(import.meta.dirname, '../../artifacts/sample-run');

describe.skipIf(PYTHON === undefined)(`a published model, downloaded with Python${WITHOUT_PYTHON}`, () => {
  let hub: OwnHub;
  beforeAll(async () => {
    hub = await openOwnHub();
  });
  afterAll(() => hub.close());

  test('gives the scores that training recorded, by PyTorch and by ONNX Runtime', async () => {
    const args = ['publish', RUN, '--repo', 'me/sample', '--out', join(hub.folder, 'bundle'), '--json'];
    const published = await runCli(args, { env: hub.env });
    expect(published).toMatchObject({ code: 0 });
    const { oid } = JSON.parse(published.stdout).commit;

    const { scores, unaccounted } = await download('me/sample', oid);
    const config = await loadConfig(join(RUN, 'hubwright.json'));
    const recorded = await readPredictions(
      join(RUN, 'test_predictions.csv'),
      await readSplit(join(RUN, 'test_set.csv'), config),
      config,
    );
    expect(unaccounted).toEqual([]);
    expect(largestDifference(scores.torch, recorded)).toBeLessThan(1e-5);
    expect(largestDifference(scores.onnx, recorded)).toBeLessThan(1e-5);
  }, 300_000);

  /** Runs while the Hub of this process answers it, so it must not block. */
  async function download(repo: string, revision: string) {
    const script = join(import.meta.dirname, 'published.py');
    const env = {
      ...process.env,
      HF_ENDPOINT: hub.url,
      HF_HOME: join(hub.folder, 'home'),
      HF_HUB_DISABLE_PROGRESS_BARS: '1',
    };
    const child = spawn(PYTHON ?? '', [script, repo, revision], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return JSON.parse(await text(child.stdout)) as {
      scores: Record<'torch' | 'onnx', number[]>;
      unaccounted: string[];
    };
  }
});
