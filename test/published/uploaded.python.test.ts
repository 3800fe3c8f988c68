import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { PYTHON_HUB2, WITHOUT_PYTHON_HUB2 } from '../oracle/python.ts';
import { type OwnHub, openOwnHub } from './own-hub.ts';

const RUN = join(import.meta.dirname, '../../artifacts/sample-run');

describe.skipIf(PYTHON_HUB2 === undefined)(`a model that Python uploaded${WITHOUT_PYTHON_HUB2}`, () => {
  let hub: OwnHub;
  beforeAll(async () => {
    hub = await openOwnHub();
  });
  afterAll(() => hub.close());

  test.each([
    ['over Xet', {}],
    ['without Xet', { HF_HUB_DISABLE_XET: '1' }],
  ])(
    '%s is downloaded and verified',
    async (way, variables) => {
      const { env, folder } = hub;
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
