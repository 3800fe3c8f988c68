import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/assemble/index.ts';
import { defineConfig } from '../../src/config.ts';
import { composeConfig, proposeConfig } from '../../src/init/index.ts';
import { verify } from '../../src/verify/index.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { PYTHON, runOracle, WITHOUT_PYTHON } from '../oracle/python.ts';

/** Live: runs that sentence-transformers wrote. */
describe.skipIf(PYTHON === undefined)(`init, on runs of a CrossEncoder${WITHOUT_PYTHON}`, () => {
  test('finds the pair, joined as the tokenizer joins it, and verify then passes', async () => {
    const root = makeTempDir();
    runOracle('cross_encoders.py', [root]);
    for (const [name, className, separator] of [
      ['modernbert', 'ModernBertForSequenceClassification', '</s>'],
      ['roberta', 'RobertaForSequenceClassification', '</s></s>'],
    ] as const) {
      const dir = join(root, name);
      const { kind, facts, missing, doubts } = await proposeConfig(dir, {});
      expect(kind).toBe(`a CrossEncoder of sentence-transformers (${className})`);
      expect([missing, doubts]).toEqual([[], []]);
      const config = composeConfig(facts);
      expect(config).toMatchObject({
        files: { test: 'test.csv', metrics: 'results.json', predictions: 'my_predictions.csv' },
        input: { template: `{{query}}${separator}{{passage}}`, label: 'label', maxLength: 36 },
        head: { activation: 'sigmoid' },
      });
      const out = join(root, `${name}_hf`);
      await assemble(dir, { config: defineConfig({ ...config, license: 'mit' }), outDir: out });
      const report = await verify(out);
      const measured = report.checks.filter(({ rule }) =>
        /^(metrics-recompute|predictions-match)$/.test(rule),
      );
      expect(measured.map(({ status }) => status)).toEqual(['pass', 'pass']);
    }
  }, 300_000);
});
