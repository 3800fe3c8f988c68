import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { type Hub, startHub } from '../../src/hub/index.ts';
import { readPredictions, readSplit } from '../../src/splits.ts';
import { runCli } from '../cli/run-cli.ts';
import { largestDifference } from '../export/batch.ts';
import { PYTHON, WITHOUT_PYTHON } from '../oracle/python.ts';

const RUN = join(import.meta.dirname, '../../artifacts/sample-run');
const TOKEN = 'hf_published';

describe.skipIf(PYTHON === undefined)(`a published model, downloaded with Python${WITHOUT_PYTHON}`, () => {
  let folder: string;
  let hub: Hub;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hubwright-published-'));
    hub = await startHub({
      dataDir: join(folder, 'hub'),
      tokens: [{ token: TOKEN, user: 'me', role: 'write' }],
    });
  });
  afterAll(async () => {
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('gives the scores that training recorded, by PyTorch and by ONNX Runtime', async () => {
    const args = ['publish', RUN, '--repo', 'me/sample', '--out', join(folder, 'bundle'), '--json'];
    const published = await runCli(args, { env: { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN } });
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
      HF_HOME: join(folder, 'home'),
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
