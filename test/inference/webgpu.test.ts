import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ARCHITECTURES } from '../../src/architectures/index.ts';
import { buildOnnx } from '../../src/export/index.ts';
import { runCli } from '../cli/run-cli.ts';
import { largestDifference } from '../export/batch.ts';
import { makeBatches, writeRandomModel } from '../fixtures/random-model.ts';
import { editJson, openWorkshop, type Workshop } from '../verify/bundle-fixture.ts';
import { findSwiftShader } from './swiftshader.ts';

const driver = findSwiftShader();
const without = driver === undefined ? ': skipped, for chromium (SwiftShader) or libvulkan1 is missing' : '';

/** A logit on WebGPU and on the CPU: float32 in another order. */
const TOLERANCE = 1e-5;

describe.skipIf(driver === undefined)(`WebGPU on SwiftShader${without}`, () => {
  let workshop: Workshop;
  let folder: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    workshop = await openWorkshop();
    folder = mkdtempSync(join(tmpdir(), 'hubwright-webgpu-'));
    env = { VK_ICD_FILENAMES: driver!, XDG_RUNTIME_DIR: folder };
  });
  afterAll(() => {
    workshop?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  // One token, beyond a vector of 16, beyond the window, beyond where blocks begin, and the most that the model takes.
  const LENGTHS = [1, 17, 65, 385, 510];

  test('scores texts of every length as the CPU does', { timeout: 600_000 }, async () => {
    const bundle = workshop.copy();
    editJson(bundle, 'hubwright.json', (config) => {
      Object.assign(config.input as object, { template: '{{sql}}', maxLength: 512 });
    });
    const path = join(folder, 'lengths.csv');
    writeFileSync(path, `sql\n${LENGTHS.map((length) => 'name '.repeat(length)).join('\n')}\n`);
    const score = async (...flags: string[]) => {
      const run = await runCli(['score', bundle, '--input', path, '--json', ...flags], { env });
      expect([run.code, run.stderr]).toEqual([0, expect.not.stringContaining('not used')]);
      return JSON.parse(run.stdout).rows.map(({ logit }: { logit: number }) => logit);
    };
    const gpu = await score('--device', 'webgpu', '--require-gpu');
    expect(largestDifference(gpu, await score('--device', 'cpu'))).toBeLessThan(TOLERANCE);
  });

  // All 339 rows take this device, which is software, eight minutes of a processor.
  test('verifies rows of the sample, and the report says which graph ran', { timeout: 600_000 }, async () => {
    const bundle = workshop.copy();
    const args = ['verify', bundle, '--sample', '6', '--device', 'webgpu', '--require-gpu', '--json'];
    const run = await runCli(args, { env });
    expect(run.stderr).not.toContain('not used');
    const { report } = JSON.parse(run.stdout);
    expect([run.code, report.summary.fail]).toEqual([0, 0]);
    expect(report.inference.rows).toBe(6);
    expect(report.environment).toMatchObject({
      executionProvider: 'webgpu',
      graph: { attention: 'decomposed', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  test('scores a small model of every architecture as the CPU does', { timeout: 600_000 }, async () => {
    const models: { path: string; batches: ReturnType<typeof makeBatches> }[] = [];
    for (const type of ARCHITECTURES.flatMap(({ modelTypes }) => Object.keys(modelTypes))) {
      const relative =
        type === 'deberta-v2' ? { relative_attention: true, pos_att_type: ['c2p', 'p2c'] } : {};
      const dir = join(folder, type);
      mkdirSync(dir);
      const checkpoint = await writeRandomModel(dir, { model_type: type, ...relative });
      const path = join(dir, 'model.onnx');
      writeFileSync(path, buildOnnx(checkpoint, { pooling: 'mean', attention: 'decomposed' }));
      models.push({ path, batches: makeBatches(checkpoint).slice(-1) });
    }
    const run = (provider: string): number[][] => {
      const script = join(import.meta.dirname, 'run-models.mjs');
      const { stdout, stderr, status } = spawnSync(process.execPath, [script, provider], {
        input: JSON.stringify(models),
        encoding: 'utf8',
        env: { ...process.env, ...env },
      });
      expect([status, stderr]).toEqual([0, '']);
      return JSON.parse(stdout);
    };
    const [gpu, cpu] = [run('webgpu'), run('cpu')];
    for (const [i, logits] of gpu.entries())
      expect(largestDifference(logits, cpu[i]!), models[i]!.path).toBeLessThan(TOLERANCE);
  });
});
