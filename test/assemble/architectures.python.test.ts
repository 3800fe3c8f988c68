import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble } from '../../src/assemble/index.ts';
import { defineConfig } from '../../src/config.ts';
import { verify } from '../../src/verify/index.ts';
import { largestDifference } from '../export/batch.ts';
import { catchError } from '../fixtures/caught.ts';
import { PYTHON, runOracle, WITHOUT_PYTHON } from '../oracle/python.ts';

const SCORES = 1e-5;

describe.skipIf(PYTHON === undefined)(
  `runs of other encoders, in transformers again${WITHOUT_PYTHON}`,
  () => {
    let root: string;
    let names: string[] = [];
    const loaded = new Map<string, Record<string, number[]>>();

    const expected = (name: string) =>
      JSON.parse(readFileSync(join(root, 'runs', name, 'expected.json'), 'utf8')) as {
        scores: number[];
        pooling: 'mean' | 'cls' | 'max';
      };

    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), 'hubwright-runs-'));
      runOracle('random_runs.py', ['write', join(root, 'runs')]);
      names = readdirSync(join(root, 'runs'));
      for (const name of names) {
        const config = defineConfig({
          input: { template: '{{text}}', label: 'label', maxLength: 24 },
          head: { pooling: expected(name).pooling },
          license: 'mit',
        });
        await assemble(join(root, 'runs', name), { config, outDir: join(root, 'bundles', name) });
      }
      const bundles = names.map((name) => join(root, 'bundles', name));
      for (const line of runOracle('random_runs.py', ['read', ...bundles])
        .trim()
        .split('\n')) {
        const { name, scores } = JSON.parse(line);
        loaded.set(name, scores);
      }
    }, 600_000);

    afterAll(() => rmSync(root, { recursive: true, force: true }));

    test('every way of loading gives the scores of the run', () => {
      expect(names.length).toBeGreaterThanOrEqual(20);
      for (const name of names) {
        const ways = loaded.get(name) ?? {};
        const stock = name.endsWith('-stock');
        expect(Object.keys(ways), name).toEqual(stock ? ['auto', 'pipeline'] : ['auto', 'pipeline', 'shim']);
        for (const [way, scores] of Object.entries(ways)) {
          expect(largestDifference(scores, expected(name).scores), `${name}, ${way}`).toBeLessThan(SCORES);
        }
      }
    });

    test('verify finds nothing wrong', async () => {
      for (const name of names) {
        const report = await verify(join(root, 'bundles', name));
        const failed = report.checks.filter(({ status }) => status === 'fail');
        expect(failed, `${name}: ${JSON.stringify(failed)}`).toEqual([]);
      }
    }, 120_000);

    test('an input longer than the table of positions is refused', async () => {
      const config = defineConfig({ input: { template: '{{text}}', label: 'label', maxLength: 39 } });
      const out = join(root, 'bundles', 'too-long');
      const error = await catchError(() => assemble(join(root, 'runs', 'roberta'), { config, outDir: out }));
      expect([error.code, error.message]).toEqual([
        'CONFIG',
        'input.maxLength is 39; the encoder takes at most 38 tokens',
      ]);
      expect(existsSync(out)).toBe(false);
    });

    test('a stock class keeps its name and needs no code', () => {
      for (const name of names.filter((other) => other.endsWith('-stock'))) {
        const dir = join(root, 'bundles', name);
        const config = JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8'));
        expect(config.model_type).toBe(name.replace('-stock', ''));
        expect(config.architectures[0]).toMatch(/ForSequenceClassification$/);
        expect(config.auto_map).toBeUndefined();
        expect(existsSync(join(dir, 'modeling_reward.py'))).toBe(false);
        const card = readFileSync(join(dir, 'README.md'), 'utf8');
        expect(card).toContain('AutoModelForSequenceClassification.from_pretrained');
        expect(card).not.toContain('modeling_reward');
      }
    });
  },
);
