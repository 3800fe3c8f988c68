import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/assemble/index.ts';
import { loadConfig } from '../../src/config.ts';
import { scoreTexts } from '../../src/inference/index.ts';
import { checkLoading, type LoadingReport } from '../../src/loading/index.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { PYTHON, PYTHON_V4, WITHOUT_PYTHON, WITHOUT_PYTHON_V4 } from '../oracle/python.ts';
import { formatMatrix } from './matrix.ts';

const MATRIX = join(import.meta.dirname, '../../docs/loading-matrix.md');

/** Live: the sample model, published to a local Hub and downloaded by both generations of transformers. */
describe.skipIf(PYTHON === undefined || PYTHON_V4 === undefined)(
  `loading paths × library versions${WITHOUT_PYTHON}${WITHOUT_PYTHON_V4}`,
  () => {
    test('no way of loading fails, and the table in the docs is this one', async () => {
      const dir = join(makeTempDir(), 'bundle');
      const sample = await loadConfig(join(SAMPLE_RUN, 'hubwright.json'));
      const config = {
        ...sample,
        repo: 'daeilee/modernbert-cot-reward',
        baseModel: 'answerdotai/ModernBERT-base',
        layouts: ['sentence-transformers' as const],
      };
      await assemble(SAMPLE_RUN, { config, outDir: dir });
      const reports: LoadingReport[] = [];
      const snippets = [await readFirstUsersSnippet(dir)];
      for (const python of [PYTHON, PYTHON_V4]) {
        reports.push(await checkLoading(dir, { python: python ?? '', env: process.env, snippets }));
      }
      const others = reports.map(({ paths }) => paths.filter(({ status }) => status !== 'pass'));
      expect(others[0]).toEqual([]);
      expect(others[1]?.map(({ reason }) => reason)).toEqual(['sentence_transformers is not installed']);
      expect(reports.map(({ ok }) => ok)).toEqual([true, true]);
      await expect(formatMatrix(reports)).toMatchFileSnapshot(MATRIX);
    }, 600_000);
  },
);

/** What the first user's README shows, and what it must print: the score that ONNX Runtime gives that very text. */
async function readFirstUsersSnippet(dir: string) {
  const code = readFileSync(join(import.meta.dirname, 'first_user.py'), 'utf8');
  const part = (name: string) => new RegExp(`^${name} = "(.*)"$`, 'm').exec(code)?.[1];
  const text = `SQL: ${part('sql')}\nReasoning: ${part('reasoning')}\nNL: ${part('nl')}`;
  const { scores } = await scoreTexts(dir, [text], { maxLength: 256, activation: 'sigmoid' });
  return { name: "the first user's own README", code, expected: `Reward: ${scores[0]?.toFixed(3)}` };
}
