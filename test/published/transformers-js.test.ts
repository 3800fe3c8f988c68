import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AutoModel, AutoTokenizer, env } from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble } from '../../src/assemble/index.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { readLosses } from '../../src/export/variants/loss-file.ts';
import { VARIANTS, variantDtype, variantFile } from '../../src/export/variants/names.ts';
import { scoreTexts } from '../../src/inference/index.ts';
import { loadTokenizer } from '../../src/inference/tokenizer.ts';
import { readSplit, SPLIT_FILES } from '../../src/splits.ts';
import { runCli } from '../cli/run-cli.ts';
import { largestDifference } from '../export/batch.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';
import { type OwnHub, openOwnHub } from './own-hub.ts';

const REPO = 'me/sample';
const ROWS = 24;

/** The variants as transformers.js in Node.js loads them, by `dtype` alone: it finds graph and data by their names. */
describe('transformers.js', () => {
  let bundle: string;
  let hub: OwnHub;
  let config: Config;
  let texts: string[];
  const before = { ...env };

  beforeAll(async () => {
    hub = await openOwnHub();
    bundle = join(hub.folder, 'bundle');
    config = await loadConfig(join(SAMPLE_RUN, 'hubwright.json'));
    await assemble(SAMPLE_RUN, {
      config: { ...config, repo: REPO, onnx: { variants: [...VARIANTS] } },
      outDir: bundle,
    });
    const args = ['publish', bundle, '--repo', REPO, '--no-verify', '--yes'];
    const published = await runCli(args, { env: hub.env });
    expect(published).toMatchObject({ code: 0 });
    // Longer texts lose their last special token there, when they are cut.
    const tokenizer = await loadTokenizer(bundle);
    const { texts: all } = await readSplit(join(bundle, SPLIT_FILES.test), config);
    texts = all
      .filter((text) => tokenizer.encode(text, Number.POSITIVE_INFINITY).ids.length <= config.input.maxLength)
      .slice(0, ROWS);
    expect(texts).toHaveLength(ROWS);
    Object.assign(env, { remoteHost: `${hub.url}/`, cacheDir: join(hub.folder, 'cache') });
  }, 300_000);
  afterAll(async () => {
    Object.assign(env, before);
    await hub.close();
  });

  async function score(place: string, options: Parameters<typeof AutoModel.from_pretrained>[1]) {
    const tokenizer = await AutoTokenizer.from_pretrained(place);
    const model = await AutoModel.from_pretrained(place, options);
    const scores: number[] = [];
    for (const text of texts) {
      const { logits } = await model(await tokenizer(text));
      scores.push(1 / (1 + Math.exp(-logits.data[0])));
    }
    await model.dispose();
    return scores;
  }

  const scoreHere = async (graph: string) => {
    const { scores } = await scoreTexts(bundle, texts, {
      graph,
      maxLength: config.input.maxLength,
      activation: config.head.activation,
    });
    return scores;
  };

  const PLACES = { 'a folder': () => bundle, 'a Hub': () => REPO };

  test.each(
    Object.entries(PLACES).flatMap(([name, place]) => VARIANTS.map((each) => [name, each, place] as const)),
  )(
    'from %s: %s gives the scores that its own run gave, and loses no more than onnx_variants.json says',
    { timeout: 60_000 },
    async (_, variant, place) => {
      const scores = await score(place(), { dtype: variantDtype(variant) as 'fp32' | 'fp16' | 'q8' });
      expect(largestDifference(scores, await scoreHere(variantFile(variant)))).toBeLessThan(1e-5);
      const lost = largestDifference(scores, await scoreHere('model.onnx'));
      const recorded = (await readLosses(bundle)).find((loss) => loss.variant === variant);
      expect(lost).toBeLessThanOrEqual((recorded?.maxDifference ?? Number.NaN) + 1e-5);
      if (variant !== 'fp32') expect(lost).toBeGreaterThan(1e-5);
    },
  );

  test('loads the graph beside the weights as the card says, whatever variants are announced', async () => {
    const card = readFileSync(join(bundle, 'README.md'), 'utf8');
    const [, call = ''] = /AutoModel\.from_pretrained\(folder, (\{[^}]*\})\)/.exec(card) ?? [];
    const options = new Function(`return ${call}`)();
    expect(options.subfolder).toBe('');
    const scores = await score(bundle, options);
    expect(largestDifference(scores, await scoreHere('model.onnx'))).toBeLessThan(1e-5);
  }, 60_000);
});
