import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportOnnx } from '../../src/export/index.ts';
import { scoreTexts } from '../../src/inference/index.ts';
import { runCli } from '../cli/run-cli.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { runOracle, TRANSFORMERS } from '../oracle/python.ts';
import { largestDifference } from './batch.ts';

interface Expected {
  readonly texts: readonly string[];
  readonly logits: readonly number[][];
}

const readExpected = (dir: string) =>
  JSON.parse(readFileSync(join(dir, 'expected.json'), 'utf8')) as Expected;
const INPUT = { template: '{{text}}', label: 'helpful', maxLength: 48 };

describe.each(TRANSFORMERS.map((one) => [`transformers ${one.version}${one.without}`, one.python] as const))(
  'models of several labels against %s',
  (_, python) => {
    test.skipIf(python === undefined)('every architecture gives the logits of all of them', async () => {
      const root = join(makeTempDir(), 'models');
      const missing = runOracle('many_labels.py', [SAMPLE_RUN, root], {}, python)
        .trim()
        .split('\n')
        .filter(Boolean);
      const names = readdirSync(root);
      expect(names.length + missing.length).toBe(10);
      expect(names.length).toBeGreaterThan(8);
      for (const name of names) {
        const dir = join(root, name);
        const { texts, logits } = readExpected(dir);
        expect((await exportOnnx(dir, { pooling: 'mean' })).head.labels, name).toBe(3);
        const options = { maxLength: INPUT.maxLength, activation: 'sigmoid' as const, labels: 3 };
        const scored = await scoreTexts(dir, texts, options);
        expect(largestDifference(scored.logits, logits.flat()), name).toBeLessThan(1e-5);
        const sigmoid = logits.flat().map((logit) => 1 / (1 + Math.exp(-logit)));
        expect(largestDifference(scored.scores, sigmoid), name).toBeLessThan(1e-5);
      }

      // The same through the command line, twice: computed, and from the cache.
      const dir = join(root, 'bert');
      const { texts, logits } = readExpected(dir);
      writeFileSync(
        join(dir, 'hubwright.json'),
        JSON.stringify({ input: INPUT, head: { activation: 'identity' } }),
      );
      const csv = join(root, 'rows.csv');
      writeFileSync(csv, `text\n${texts.join('\n')}\n`);
      expect((await runCli(['export', dir])).code).toBe(0);
      const env = { HUBWRIGHT_CACHE_DIR: join(root, 'cache') };
      const runs = [];
      for (let i = 0; i < 2; i += 1)
        runs.push((await runCli(['score', dir, '--input', csv], { env })).stdout);
      expect(runs[1]).toBe(runs[0]);
      const [header, ...rows] = (runs[0] ?? '').trim().split('\n');
      expect(header).toBe(
        'row,score_helpful,logit_helpful,score_correct,logit_correct,score_coherent,logit_coherent',
      );
      const columns = rows.map((row) => row.split(',').map(Number));
      expect(
        largestDifference(
          columns.flatMap((row) => [row[2]!, row[4]!, row[6]!]),
          logits.flat(),
        ),
      ).toBeLessThan(1e-5);
    });
  },
);
