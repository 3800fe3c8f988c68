import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ARCHITECTURES } from '../../src/architectures/index.ts';
import { describeCheckpoint } from '../../src/checkpoint/index.ts';
import { buildOnnx } from '../../src/export/index.ts';
import { variantFile } from '../../src/export/variants/names.ts';
import { writeVariant } from '../../src/export/variants/write.ts';
import { readJsonObject } from '../../src/formats/json.ts';
import { readWeights } from '../../src/formats/weights.ts';
import { runCli } from '../cli/run-cli.ts';
import { largestDifference } from '../export/batch.ts';
import { makeBatches, writeRandomModel } from '../fixtures/random-model.ts';
import { editJson, openWorkshop, type Workshop } from '../verify/bundle-fixture.ts';
import { findSwiftShader } from './swiftshader.ts';

const swiftShader = findSwiftShader();
const without =
  swiftShader === undefined ? ': skipped, for chromium (SwiftShader) or libvulkan1 is missing' : '';

/** A logit on WebGPU and on the CPU: float32 in another order. */
const TOLERANCE = 1e-5;

describe.skipIf(swiftShader === undefined)(`WebGPU on SwiftShader${without}`, () => {
  let workshop: Workshop;
  let folder: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    workshop = await openWorkshop();
    folder = mkdtempSync(join(tmpdir(), 'hubwright-webgpu-'));
    env = { ...swiftShader, XDG_RUNTIME_DIR: folder };
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
    const [gpu, cpu] = [runModels(models, 'webgpu'), runModels(models, 'cpu')];
    for (const [i, logits] of gpu.entries())
      expect(largestDifference(logits, cpu[i]!), models[i]!.path).toBeLessThan(TOLERANCE);
  });

  // The fused operators are wrong here in rows of 64 tokens and more.
  const batches = [65, 130, 400].map((length) => ({
    inputIds: [Array.from({ length }, (_, i) => ((i * 31) % 1600) + 5)],
    attentionMask: [Array<number>(length).fill(1)],
  }));

  test('the variants for GPUs score long rows as the CPU does', { timeout: 600_000 }, async () => {
    const bundle = workshop.copy();
    const config = await readJsonObject(join(bundle, 'config.json'));
    const checkpoint = describeCheckpoint(await readWeights(bundle), config);
    const at = (path: string) => [{ path: join(bundle, path), batches }];
    const expected = runModels(at('model.onnx'), 'cpu').flat();
    await writeVariant(bundle, 'fp32', checkpoint, { pooling: 'mean' });
    const single = runModels(at(variantFile('fp32')), 'webgpu').flat();
    expect(largestDifference(single, expected)).toBeLessThan(TOLERANCE);

    await writeVariant(bundle, 'fp16', checkpoint, { pooling: 'mean' });
    const { status, stdout, stderr } = spawnModels(at(variantFile('fp16')), 'webgpu');
    // SwiftShader has no halves (the WebGPU feature shader-f16), which is an error and never another number.
    if (status !== 0) expect(stderr).toContain('requires f16 but the device does not support it');
    else expect(largestDifference(JSON.parse(stdout).flat(), expected)).toBeLessThan(0.01);
  });

  type Models = readonly { path: string; batches: ReturnType<typeof makeBatches> }[];

  function spawnModels(models: Models, provider: string) {
    return spawnSync(process.execPath, [join(import.meta.dirname, 'run-models.mjs'), provider], {
      input: JSON.stringify(models),
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
  }

  /** The logits of each batch of each model. */
  function runModels(models: Models, provider: string): number[][] {
    const { stdout, stderr, status } = spawnModels(models, provider);
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(stdout);
  }
});
