import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble } from '../../src/assemble/index.ts';
import { defineConfig } from '../../src/config.ts';
import { runLoadingPaths } from '../../src/loading/python.ts';
import { type LoadingSpec, makeLoadingSpec } from '../../src/loading/spec.ts';
import { verify } from '../../src/verify/index.ts';
import { catchError } from '../fixtures/caught.ts';
import { PYTHON, runOracle, TRANSFORMERS, WITHOUT_PYTHON } from '../oracle/python.ts';

/** Labels and weights are random, and the tokenizer knows some twenty words: these rules rightly say so. */
const ABOUT_QUALITY = new Set(['tokenizer-loads', 'beats-mean', 'scores-direction']);

/** What came with transformers 5 alone. */
const SINCE_5 = /^nomic_bert/;

describe.skipIf(PYTHON === undefined)(
  `runs of other encoders, in transformers again${WITHOUT_PYTHON}`,
  () => {
    let root: string;
    let names: string[] = [];
    const specs: LoadingSpec[] = [];

    const expected = (name: string) =>
      JSON.parse(readFileSync(join(root, 'runs', name, 'expected.json'), 'utf8')) as {
        pooling: 'mean' | 'cls' | 'max';
      };

    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), 'hubwright-runs-'));
      runOracle('random_runs.py', [join(root, 'runs')]);
      names = readdirSync(join(root, 'runs'));
      for (const name of names) {
        const config = defineConfig({
          input: { template: '{{text}}', label: 'label', maxLength: 24 },
          head: { pooling: expected(name).pooling },
          layouts: name.endsWith('-stock') ? [] : ['sentence-transformers'],
          license: 'mit',
        });
        const dir = join(root, 'bundles', name);
        await assemble(join(root, 'runs', name), { config, outDir: dir });
        specs.push(await makeLoadingSpec(dir, config, { repo: dir }));
      }
    }, 600_000);

    afterAll(() => rmSync(root, { recursive: true, force: true }));

    test.for(TRANSFORMERS)(
      'every way of loading gives the scores of the run in transformers $version $without',
      { timeout: 600_000 },
      async ({ version, python }, { skip }) => {
        if (python === undefined) return skip();
        const known = specs.filter(({ repo }) => !SINCE_5.test(basename(repo)) || version === '5');
        expect(known.length).toBeGreaterThanOrEqual(20);
        const options = { python, workDir: join(root, `python-${version}`), hubUrl: '', env: process.env };
        const { models } = await runLoadingPaths(known, options);
        const failures = models.flatMap((paths, i) =>
          paths.filter(({ status }) => status === 'fail').map((path) => ({ model: known[i]?.repo, ...path })),
        );
        expect(failures).toEqual([]);
        const passed = models.map((paths) => paths.filter(({ status }) => status === 'pass').length);
        expect(Math.min(...passed)).toBeGreaterThanOrEqual(6);
      },
    );

    test('verify finds nothing wrong', async () => {
      for (const name of names) {
        const report = await verify(join(root, 'bundles', name));
        const failed = report.checks.filter(
          ({ status, rule }) => status === 'fail' && !ABOUT_QUALITY.has(rule),
        );
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
