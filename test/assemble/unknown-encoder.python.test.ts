import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/assemble/index.ts';
import { loadConfig } from '../../src/config.ts';
import { checkLoading } from '../../src/loading/index.ts';
import { verify } from '../../src/verify/index.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { PYTHON, runOracle, WITHOUT_PYTHON } from '../oracle/python.ts';

describe.skipIf(PYTHON === undefined)(`ALBERT, by the ONNX file of its author${WITHOUT_PYTHON}`, () => {
  test('is assembled, verified, and loaded by transformers from a Hub', async () => {
    const root = makeTempDir();
    const run = join(root, 'run');
    const bundle = join(root, 'bundle');
    runOracle('unknown_encoder.py', [SAMPLE_RUN, run]);
    const config = await loadConfig(join(run, 'hubwright.json'));
    await assemble(run, { config, outDir: bundle, onnx: join(run, 'albert.onnx') });

    // Random weights are no better than the mean, and the tokenizer is that of a longer model.
    const ignore = [{ rule: 'beats-mean', reason: 'random weights' }];
    const report = await verify(bundle, { ignore });
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.ok).toBe(true);
    const statusOf = (rule: string) => report.checks.find((check) => check.rule === rule)?.status;
    // torch.onnx.export stores the weights of linear layers transposed and under names of its own.
    expect(['onnx-weights', 'metrics-recompute', 'padding-invariance', 'every-length'].map(statusOf)).toEqual(
      Array(4).fill('pass'),
    );

    const { ok, paths } = await checkLoading(bundle, { python: PYTHON ?? '', env: process.env });
    expect(paths.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(paths.filter(({ status }) => status === 'pass').length).toBeGreaterThan(7);
    expect(ok).toBe(true);
  }, 300_000);
});
