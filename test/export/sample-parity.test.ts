import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ModernBertConfig } from '../../src/architectures/modernbert-config.ts';
import { type Checkpoint, describeCheckpoint } from '../../src/checkpoint/index.ts';
import { buildOnnx, type GraphOptions } from '../../src/export/index.ts';
import { readJsonObject } from '../../src/formats/json.ts';
import { readSafetensorsHeader } from '../../src/formats/safetensors.ts';
import { openSession } from '../../src/inference/session.ts';
import { copySampleRun } from '../fixtures/sample-run.ts';
import { atTokens, largestDifference, toBatch } from './batch.ts';

interface Case {
  name: string;
  input_ids: number[][];
  attention_mask: number[][];
  logits: number[];
  last_hidden_state?: number[][][];
}

const golden = new URL('../files/sample-parity.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(golden, 'utf8')) as { cases: Case[] };

const MEAN: GraphOptions = { pooling: 'mean', hiddenState: true };
const LOGITS = 1e-5;
const HIDDEN = 1e-4;

interface Difference {
  readonly name: string;
  readonly logits: number;
  readonly hidden: number;
}

/** How far the graph of a checkpoint, changed or not, lies from what PyTorch computed, case by case. */
async function compareWithGolden(
  change: (config: ModernBertConfig) => Partial<ModernBertConfig> = () => ({}),
  options = MEAN,
): Promise<Difference[]> {
  const dir = copySampleRun();
  const header = await readSafetensorsHeader(join(dir, 'model.safetensors'));
  const found = describeCheckpoint(header, await readJsonObject(join(dir, 'config.json')));
  const settings = found.config as ModernBertConfig;
  const checkpoint: Checkpoint = {
    ...found,
    config: { ...settings, ...change(settings) } as ModernBertConfig,
  };
  writeFileSync(join(dir, 'model.onnx'), buildOnnx(checkpoint, options));
  const session = await openSession(join(dir, 'model.onnx'));
  const differences: Difference[] = [];
  for (const { name, input_ids, attention_mask, logits, last_hidden_state } of cases) {
    const actual = await session.run(toBatch(input_ids, attention_mask), ['logits', 'last_hidden_state']);
    const hidden =
      last_hidden_state === undefined
        ? 0
        : largestDifference(
            atTokens(actual.last_hidden_state!, attention_mask),
            atTokens(last_hidden_state.flat(2), attention_mask),
          );
    differences.push({ name, logits: largestDifference(actual.logits!, logits), hidden });
  }
  await session.release();
  return differences;
}

const worst = (differences: readonly Difference[], of: 'logits' | 'hidden') =>
  Math.max(...differences.map((difference) => difference[of]));

test('the golden file covers lengths up to 512, both paddings, and hidden states', () => {
  expect(Math.max(...cases.map(({ input_ids }) => input_ids[0]!.length))).toBe(512);
  expect(cases.some(({ attention_mask }) => attention_mask.some((row) => row[0] === 0))).toBe(true);
  expect(cases.some(({ attention_mask }) => attention_mask.some((row) => row.at(-1) === 0))).toBe(true);
  expect(cases.filter(({ last_hidden_state }) => last_hidden_state !== undefined).length).toBe(2);
});

test('the exported graph computes what PyTorch computed', async () => {
  for (const { name, logits, hidden } of await compareWithGolden()) {
    expect(logits, `${name}: logits`).toBeLessThan(LOGITS);
    expect(hidden, `${name}: hidden state`).toBeLessThan(HIDDEN);
  }
});

describe('the comparison sees a graph with', () => {
  const MISTAKES: Record<string, (config: ModernBertConfig) => Partial<ModernBertConfig>> = {
    'a window one token wider': ({ radius }) => ({ radius: radius + 1 }),
    'a window one token narrower': ({ radius }) => ({ radius: radius - 1 }),
    'rotary bases swapped': ({ ropeTheta: { full, sliding } }) => ({
      ropeTheta: { full: sliding, sliding: full },
    }),
    'a norm epsilon of 1e-6': () => ({ normEps: 1e-6 }),
    'the tanh GELU': () => ({ activation: 'gelu-tanh' }),
    'every layer global': ({ layerTypes }) => ({ layerTypes: layerTypes.map(() => 'full') }),
    'layers shifted by one': ({ layerTypes }) => ({
      layerTypes: layerTypes.map((_, i) => layerTypes.at(i - 1)!),
    }),
    'twice the heads': ({ heads }) => ({ heads: 2 * heads }),
  };

  test.each(Object.entries(MISTAKES))('%s', async (_, change) => {
    expect(worst(await compareWithGolden(change), 'logits')).toBeGreaterThan(10 * LOGITS);
  });

  test('[CLS] pooling', async () => {
    expect(worst(await compareWithGolden(undefined, { ...MEAN, pooling: 'cls' }), 'logits')).toBeGreaterThan(
      1e-2,
    );
  });
});
