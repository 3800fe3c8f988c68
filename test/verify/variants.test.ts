import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble } from '../../src/assemble/index.ts';
import { readLock, writeLock } from '../../src/bundle.ts';
import { loadConfig } from '../../src/config.ts';
import { readLosses } from '../../src/export/variants/loss-file.ts';
import { variantDataFile, variantFile } from '../../src/export/variants/names.ts';
import { formatReport } from '../../src/report/pretty.ts';
import { verify } from '../../src/verify/index.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';
import { editJson } from './bundle-fixture.ts';

const RULE = 'onnx-variants';

describe('a bundle with variants', () => {
  let root: string;
  let clean: string;
  let cacheDir: string;
  let copies = 0;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'hubwright-variants-'));
    clean = join(root, 'clean');
    cacheDir = join(root, 'cache');
    const config = await loadConfig(join(SAMPLE_RUN, 'hubwright.json'));
    const variants: ('fp16' | 'int8')[] = ['fp16', 'int8'];
    await assemble(SAMPLE_RUN, {
      config: { ...config, repo: 'me/sample', onnx: { variants } },
      outDir: clean,
      cacheDir,
    });
  }, 60_000);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function findings(damage: (dir: string) => void, options: Parameters<typeof verify>[1] = {}) {
    copies += 1;
    const dir = join(root, `copy-${copies}`);
    cpSync(clean, dir, { recursive: true });
    damage(dir);
    await writeLock(dir);
    const report = await verify(dir, { cacheDir, ...options });
    return { report, found: report.findings.filter(({ rule }) => rule === RULE) };
  }

  test('lists them in the lock and in config.json, and says what each loses', async () => {
    const { files } = await readLock(clean);
    const paths = files.map(({ path }) => path);
    for (const variant of ['fp16', 'int8'] as const)
      expect(paths).toEqual(expect.arrayContaining([variantFile(variant), variantDataFile(variant)]));
    const config = JSON.parse(readFileSync(join(clean, 'config.json'), 'utf8'));
    expect(config['transformers.js_config'].use_external_data_format).toEqual({
      'model_fp16.onnx': 1,
      'model_quantized.onnx': 1,
    });
    const losses = await readLosses(clean);
    expect(losses.map(({ variant, rows }) => [variant, rows])).toEqual([
      ['fp16', 339],
      ['int8', 339],
    ]);
  });

  test('passes, each variant scored over every row and compared with model.onnx', async () => {
    const { report, found } = await findings(() => {});
    expect(found).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.variants?.map(({ variant, status }) => [variant, status])).toEqual([
      ['fp16', 'pass'],
      ['int8', 'pass'],
    ]);
    const [fp16, int8] = report.variants ?? [];
    expect(fp16?.r2).toBeGreaterThan(0.999999);
    expect(fp16?.maxDifference).toBeLessThan(0.002);
    expect(int8?.r2).toBeGreaterThan(0.9995);
    expect(int8?.maxDifference).toBeLessThan(0.02);
    // Neither is model.onnx under another name.
    expect(fp16?.maxDifference).toBeGreaterThan(1e-5);
    expect(int8?.maxDifference).toBeGreaterThan(fp16?.maxDifference ?? 0);
    const mse = int8?.metrics.find(({ metric }) => metric === 'mse');
    expect(mse?.model).toBeCloseTo(0.0126741, 6);
    expect(mse?.variant).not.toBe(mse?.model);
    const text = formatReport(report, (_, words) => words);
    expect(text).toMatch(/✔ {2}int8 +0\.9999\d+ +0\.99 +0\.00\d+ +0\.05 {2}0\.0127\d+ \([+−]\d\.\d\d %\)/);
    for (const line of text.split('\n').filter((one) => /int8|variant {2}/.test(one)))
      expect(line.length).toBeLessThanOrEqual(80);
  });

  test('with weights that were changed behind its back it fails', async () => {
    const { report, found } = await findings((dir) => {
      const path = join(dir, variantDataFile('int8'));
      const bytes = readFileSync(path);
      for (let i = 0; i < bytes.length; i += 7) bytes[i] = 255 - (bytes[i] ?? 0);
      writeFileSync(path, bytes);
    });
    expect(report.ok).toBe(false);
    expect(found[0]?.path).toBe(variantFile('int8'));
    expect(found[0]?.message).toMatch(
      /^its scores lie too far from model\.onnx's: R² -?\d.*one row moves by 0\.\d+ \(at most 0\.05\)$/,
    );
    expect(found[0]?.hint).not.toBe('');
    expect(report.variants?.map(({ variant }) => variant)).toContain('fp16');
  });

  test.each([
    [
      'without its weights',
      (dir: string) => rmSync(join(dir, variantDataFile('int8'))),
      /reads \S+ from "model_quantized\.onnx_data", which is not in the bundle/,
    ],
    [
      'with its graph cut off',
      (dir: string) =>
        writeFileSync(
          join(dir, variantFile('int8')),
          readFileSync(join(dir, variantFile('int8'))).subarray(0, 9000),
        ),
      /is no ONNX model: it is cut off or damaged/,
    ],
  ])('%s it fails, and no graph is run', async (_, damage, message) => {
    const { report } = await findings(damage);
    expect(report.ok).toBe(false);
    expect(report.inference).toBeNull();
    const about = report.findings.filter(({ path }) => path === variantFile('int8'));
    expect(about[0]?.message).toMatch(message);
    expect(about[0]?.hint).not.toBe('');
  });

  test('a loss that is recorded smaller than it is fails, but not by a hair', async () => {
    const record = (change: (loss: { r2: number; maxDifference: number }) => void) => (dir: string) =>
      editJson(dir, 'onnx_variants.json', ({ variants }) =>
        change((variants as { r2: number; maxDifference: number }[])[1]!),
      );
    const { found } = await findings(
      record((loss) => {
        loss.r2 = 0.99999999;
        loss.maxDifference *= 4;
      }),
    );
    expect(found.map(({ path, message }) => `${path} ${message}`)).toEqual([
      expect.stringMatching(
        /^onnx_variants\.json the largest difference of onnx\/model_quantized\.onnx is 0\.0\d+; measured: 0\.00\d+$/,
      ),
    ]);
    const hair = record((loss) => {
      loss.r2 -= 1e-7;
      loss.maxDifference += 1e-7;
    });
    expect((await findings(hair)).found).toEqual([]);
    expect((await findings((dir) => rmSync(join(dir, 'onnx_variants.json')))).found).toHaveLength(2);
  });

  test('a variant that is recorded and not there is told', async () => {
    const { found } = await findings((dir) => rmSync(join(dir, variantFile('fp16'))));
    expect(found.map(({ message }) => message)).toEqual([
      'speaks of onnx/model_fp16.onnx, which is not there',
    ]);
  });

  test('the gate is the one in the config', async () => {
    const tighten = (gate: object) => (dir: string) =>
      editJson(dir, 'hubwright.json', (config) => {
        config.verify = { ...(config.verify as object), variants: { int8: gate } };
      });
    for (const gate of [{ r2: 0.9999999 }, { maxDifference: 1e-3 }]) {
      const { report, found } = await findings(tighten(gate));
      expect(found[0]).toMatchObject({ path: variantFile('int8') });
      expect(report.variants?.find(({ variant }) => variant === 'int8')).toMatchObject({ status: 'fail' });
    }
  });

  test('a sample runs the variants over its own rows and says nothing about the record', async () => {
    const { report, found } = await findings((dir) => rmSync(join(dir, 'onnx_variants.json')), {
      sample: { rows: 40, seed: 1 },
    });
    expect(found).toEqual([]);
    expect(report.variants?.map(({ rows }) => rows)).toEqual([40, 40]);
  });
});
