import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ARCHITECTURES } from '../../src/architectures/index.ts';
import { buildOnnx, decomposeExport, exportOnnx } from '../../src/export/index.ts';
import type { JsonObject } from '../../src/formats/json.ts';
import { openSession } from '../../src/inference/session.ts';
import { makeBatches, writeRandomModel } from '../fixtures/random-model.ts';
import { copySampleRun } from '../fixtures/sample-run.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { largestDifference, toBatch } from './batch.ts';

interface Case {
  readonly name: string;
  readonly input_ids: number[][];
  readonly attention_mask: number[][];
  readonly logits: number[];
}

const golden = new URL('../files/sample-parity.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(golden, 'utf8')) as { cases: Case[] };

test('the decomposed graph of the sample computes what PyTorch computed', async () => {
  const dir = copySampleRun();
  await exportOnnx(dir, { pooling: 'mean' });
  const graph = await decomposeExport(dir, 'mean');
  const session = await openSession(join(dir, 'model.onnx'), { provider: 'cpu', graph });
  for (const { name, input_ids, attention_mask, logits } of cases) {
    const actual = await session.run(toBatch(input_ids, attention_mask), ['logits']);
    expect(largestDifference(actual.logits!, logits), name).toBeLessThan(1e-5);
  }
  await session.release();
});

test('a model.onnx that is no export of its weights is not taken apart', async () => {
  const dir = copySampleRun();
  await exportOnnx(dir, { pooling: 'cls' });
  expect(await decomposeExport(dir, 'mean')).toBeUndefined();
});

describe.each(ARCHITECTURES.flatMap(({ modelTypes }) => Object.keys(modelTypes)))('%s', (type) => {
  const variants: JsonObject[] =
    type === 'deberta-v2'
      ? [
          {},
          {
            relative_attention: true,
            pos_att_type: ['c2p', 'p2c'],
            position_buckets: 4,
            max_relative_positions: 6,
          },
        ]
      : [{}];

  test.each(variants)('decomposed computes what it does fused, with %j', async (settings) => {
    const dir = makeTempDir();
    const checkpoint = await writeRandomModel(dir, { model_type: type, ...settings });
    const text = (attention: 'fused' | 'decomposed') => {
      const path = join(dir, `${attention}.onnx`);
      writeFileSync(path, buildOnnx(checkpoint, { pooling: 'mean', attention }));
      expect(readFileSync(path, 'latin1').includes('Attention')).toBe(attention === 'fused');
      return openSession(path);
    };
    const [fused, decomposed] = [await text('fused'), await text('decomposed')];
    for (const { inputIds, attentionMask } of makeBatches(checkpoint)) {
      const run = async (session: typeof fused) =>
        (await session.run(toBatch(inputIds, attentionMask), ['logits'])).logits!;
      expect(largestDifference(await run(decomposed), await run(fused))).toBeLessThan(1e-5);
    }
    await fused.release();
    await decomposed.release();
  });
});
