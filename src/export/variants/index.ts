import { existsSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { describeCheckpoint } from '../../checkpoint/index.ts';
import type { Config } from '../../config.ts';
import { readJsonObject, readJsonText } from '../../formats/json.ts';
import { formatSpelledJson, parseSpelledJson } from '../../formats/spelled-json.ts';
import { readWeights } from '../../formats/weights.ts';
import { scoreTexts } from '../../inference/index.ts';
import type { StageOptions } from '../../progress.ts';
import { SPLIT_FILES, scanSplit } from '../../splits.ts';
import { ONNX_FILE } from '../index.ts';
import { placeCache } from '../model-digest.ts';
import { measureLoss, type VariantLoss } from './loss.ts';
import { writeLosses } from './loss-file.ts';
import { describeForTransformersJs, VARIANTS, type Variant, variantFile } from './names.ts';
import { writeVariant } from './write.ts';

export interface VariantOptions extends StageOptions {
  /** Where scores are kept between runs, by content; undefined keeps none. */
  readonly cacheDir?: string | undefined;
}

/**
 * Writes variants of a bundle's model, runs every variant of the folder and `model.onnx` over the test split, records what
 * each loses in `onnx_variants.json`, and announces them in config.json.
 *
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID, UNSUPPORTED, OUTPUT, INFERENCE or ABORTED
 */
export async function exportVariants(
  dir: string,
  variants: readonly Variant[],
  config: Config,
  options: VariantOptions,
): Promise<VariantLoss[]> {
  const present = () => VARIANTS.filter((variant) => existsSync(join(dir, variantFile(variant))));
  if (variants.length > 0) {
    const path = join(dir, 'config.json');
    const checkpoint = describeCheckpoint(await readWeights(dir), await readJsonObject(path));
    for (const variant of variants) {
      await writeVariant(dir, variant, checkpoint, { pooling: config.head.pooling });
    }
    const raw = parseSpelledJson(await readJsonText(path), 'config.json');
    const announced = { ...raw, 'transformers.js_config': describeForTransformersJs(present()) };
    await writeFileAtomic(path, formatSpelledJson(announced));
  }
  const losses = await measureLosses(dir, present(), config, options);
  await writeLosses(dir, losses);
  return losses;
}

async function measureLosses(
  dir: string,
  variants: readonly Variant[],
  config: Config,
  { cacheDir, onProgress, signal }: VariantOptions,
): Promise<VariantLoss[]> {
  if (variants.length === 0) return [];
  const test = await scanSplit(join(dir, SPLIT_FILES.test), config);
  const score = async (graph: string) => {
    const unit = `rows scored by ${graph}`;
    const { scores } = await scoreTexts(dir, test.readTexts, {
      graph,
      maxLength: config.input.maxLength,
      activation: config.head.activation,
      onAdvance: (progress) => onProgress?.({ kind: 'advance', stage: 'export', unit, ...progress }),
      signal,
      cache: await placeCache(cacheDir, dir, graph),
    });
    return scores;
  };
  const model = await score(ONNX_FILE);
  const losses: VariantLoss[] = [];
  for (const variant of variants) {
    const scores = await score(variantFile(variant));
    losses.push(measureLoss(variant, test.labels, { model, variant: scores }));
  }
  return losses;
}
