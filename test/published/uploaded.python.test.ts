import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hub, startHub } from '../../src/hub/index.ts';
import { runCli } from '../cli/run-cli.ts';
import { PYTHON_HUB2, WITHOUT_PYTHON_HUB2 } from '../oracle/python.ts';

const RUN = join(import.meta.dirname, '../../artifacts/sample-run');
const TOKEN = 'hf_uploaded';

describe.skipIf(PYTHON_HUB2 === undefined)(`a model that Python uploaded${WITHOUT_PYTHON_HUB2}`, () => {
  let folder: string;
  let hub: Hub;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hubwright-uploaded-'));
    hub = await startHub({
      dataDir: join(folder, 'hub'),
      tokens: [{ token: TOKEN, user: 'me', role: 'write' }],
    });
  });
  afterAll(async () => {
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([
    ['over Xet', {}],
    ['without Xet', { HF_HUB_DISABLE_XET: '1' }],
  ])(
    '%s is downloaded and verified',
    async (way, variables) => {
      const env = { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN };
      const bundle = join(folder, 'bundle');
      expect(await runCli(['assemble', RUN, '--out', bundle])).toMatchObject({ code: 0 });
      const repo = way === 'over Xet' ? 'me/with-xet' : 'me/without-xet';
      const hf = join(dirname(PYTHON_HUB2 ?? ''), 'hf');
      await promisify(execFile)(hf, ['upload', repo, bundle, '.'], {
        env: { PATH: process.env.PATH, HF_HOME: join(folder, 'home'), ...env, ...variables },
      });
      const verified = await runCli(['verify', repo, '--json'], { env });
      expect([verified.code, JSON.parse(verified.stdout)]).toMatchObject([
        0,
        { report: { ok: true, summary: { fail: 0 } } },
      ]);
    },
    300_000,
  );
});
