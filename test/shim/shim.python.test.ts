import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEncoderConfig, makeModelConfig } from '../../src/assemble/model-config.ts';
import { portTokenizerConfig } from '../../src/assemble/tokenizer-files.ts';
import { describeCheckpoint } from '../../src/checkpoint/index.ts';
import { defineConfig } from '../../src/config.ts';
import { parseJsonObject } from '../../src/formats/json.ts';
import { formatSpelledJson, parseSpelledJson } from '../../src/formats/spelled-json.ts';
import { readWeights } from '../../src/formats/weights.ts';
import { runLoadingPaths } from '../../src/loading/python.ts';
import type { LoadingSpec } from '../../src/loading/spec.ts';
import { renderShim, SHIM_FILE } from '../../src/shim/index.ts';
import { PYTHON, runOracle, TRANSFORMERS, WITHOUT_PYTHON } from '../oracle/python.ts';

/** Live: transformers loads what `renderShim` wrote for attribute names of every kind. */
describe.skipIf(PYTHON === undefined)(`the shim in transformers${WITHOUT_PYTHON}`, () => {
  let root = '';
  const specs: LoadingSpec[] = [];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'hubwright-shim-'));
    runOracle('../shim/make_checkpoints.py', [join(root, 'runs')]);
    for (const name of await readdir(join(root, 'runs'))) specs.push(await addShim(join(root, 'runs', name)));
  }, 300_000);

  afterAll(() => rm(root, { recursive: true, force: true }));

  it.for(TRANSFORMERS)(
    'gives the scores of the plain module, loaded in every way by transformers $version $without',
    { timeout: 300_000 },
    async ({ version, python }, { skip }) => {
      if (python === undefined) return skip();
      const options = { python, workDir: join(root, `python-${version}`), hubUrl: '', env: process.env };
      const { versions, models } = await runLoadingPaths(specs, options);
      expect(versions.transformers?.startsWith(version)).toBe(true);
      expect(models).toHaveLength(8);
      for (const [i, paths] of models.entries()) {
        const failed = paths.filter(({ status }) => status === 'fail');
        expect(failed, basename(specs[i]?.repo ?? '')).toEqual([]);
        expect(paths.filter(({ status }) => status === 'pass').length).toBeGreaterThanOrEqual(15);
      }
    },
  );
});

/** What assemble does to a run folder, as far as loading depends on it; `base/` plays the base model on the Hub. */
async function addShim(folder: string): Promise<LoadingSpec> {
  const { spec, texts, scores } = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8'));
  const head = { pooling: spec.pooling ?? 'mean', activation: spec.activation ?? 'sigmoid' };
  const config = defineConfig({
    input: { template: '{{text}}', label: 'score', maxLength: 32 },
    head,
    baseModel: 'answerdotai/ModernBERT-base',
  });
  const text = await readFile(join(folder, 'config.json'), 'utf8');
  const raw = parseSpelledJson(text, 'config.json');
  const checkpoint = describeCheckpoint(await readWeights(folder), parseJsonObject(text, 'config.json'));
  const write = (name: string, value: Parameters<typeof formatSpelledJson>[0]) =>
    writeFile(join(folder, name), formatSpelledJson(value));
  await mkdir(join(folder, 'base'));
  await write('base/config.json', makeEncoderConfig(raw, checkpoint));
  await writeFile(join(folder, SHIM_FILE), renderShim({ checkpoint, config }));
  await write('config.json', makeModelConfig(raw, checkpoint, config));
  const tokenizer = await readFile(join(folder, 'tokenizer_config.json'), 'utf8');
  await write('tokenizer_config.json', portTokenizerConfig(parseSpelledJson(tokenizer, 'tokenizer'), 32));
  return {
    repo: folder,
    kind: 'wrapper',
    hasCode: true,
    base: join(folder, 'base'),
    ...head,
    rows: texts.map((text: string) => ({ text })),
    texts,
    scores,
    maxLength: 32,
    hasOnnx: false,
    layouts: [],
    snippets: [],
  };
}
