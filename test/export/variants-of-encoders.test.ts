import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ARCHITECTURES } from '../../src/architectures/index.ts';
import { buildOnnx } from '../../src/export/index.ts';
import { VARIANTS, type Variant, variantFile } from '../../src/export/variants/names.ts';
import { writeVariant } from '../../src/export/variants/write.ts';
import type { JsonObject } from '../../src/formats/json.ts';
import { openSession } from '../../src/inference/session.ts';
import { makeBatches, writeRandomModel } from '../fixtures/random-model.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { largestDifference, toBatch } from './batch.ts';

/** Of a logit; those of these models are around 1. */
const TOLERANCE: Readonly<Record<Variant, number>> = { fp32: 1e-5, fp16: 0.01, int8: 0.15 };

const RELATIVE = { relative_attention: true, pos_att_type: ['c2p', 'p2c'] };
const MODELS: readonly JsonObject[] = [
  ...ARCHITECTURES.flatMap(({ modelTypes }) => Object.keys(modelTypes)).map((type) => ({ model_type: type })),
  { model_type: 'deberta-v2', ...RELATIVE },
  { model_type: 'deberta-v2', ...RELATIVE, share_att_key: true, norm_rel_ebd: 'layer_norm' },
];

test.each(MODELS)('every variant computes what the model does: %j', async (settings) => {
  const dir = makeTempDir();
  const checkpoint = await writeRandomModel(dir, settings);
  writeFileSync(join(dir, 'model.onnx'), buildOnnx(checkpoint, { pooling: 'mean' }));
  const run = async (path: string) => {
    const session = await openSession(join(dir, path));
    const logits: number[] = [];
    for (const { inputIds, attentionMask } of makeBatches(checkpoint)) {
      logits.push(...(await session.run(toBatch(inputIds, attentionMask), ['logits'])).logits!);
    }
    await session.release();
    return logits;
  };
  const expected = await run('model.onnx');
  for (const variant of VARIANTS) {
    await writeVariant(dir, variant, checkpoint, { pooling: 'mean' });
    // WebGPU computes the fused operators wrongly, or not at all.
    const graph = readFileSync(join(dir, variantFile(variant)), 'latin1');
    expect(graph.includes('Attention'), variant).toBe(variant === 'int8');
    const difference = largestDifference(await run(variantFile(variant)), expected);
    expect(difference, variant).toBeLessThanOrEqual(TOLERANCE[variant]);
    if (variant !== 'fp32') expect(difference, variant).toBeGreaterThan(1e-6);
  }
});
