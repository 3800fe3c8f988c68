import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashBeside } from '../../src/attest/index.ts';
import { hashBundle } from '../../src/bundle.ts';
import { makePair } from '../attest/keys.ts';
import { signAll } from '../attest/sign-all.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { makePlainBundle } from './plain-bundle.ts';
import { runCli } from './run-cli.ts';

test('a signature over the report is right until the next report, and then the command says so', async () => {
  const bundle = join(makeTempDir(), 'bundle');
  await makePlainBundle(bundle, 'me/model');
  writeFileSync(join(bundle, 'verification.json'), '{"of": "the last verification"}\n');
  const { privateKey, publicPath } = await makePair();
  const files = [...(await hashBundle(bundle)), ...(await hashBeside(bundle))];
  writeFileSync(join(bundle, 'model.sig'), signAll(files, privateKey));
  const verify = () =>
    runCli(['verify', bundle, '--only', 'signature', '--key', publicPath], { cwd: bundle });

  const first = await verify();
  expect([first.code, first.stderr]).toEqual([
    0,
    expect.stringContaining('model.sig is about another verification.json now: sign again without it'),
  ]);
  const second = await verify();
  expect(second.code).toBe(1);
  expect(second.stdout).toContain('is about another verification.json');
  expect(second.stdout).toContain('model_signing does with --ignore-paths');
  // Told once, by the rule.
  expect(second.stderr).not.toContain('sign again');
});
