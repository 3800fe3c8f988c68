import { describe, expect, test } from 'vitest';
import { listBuckets } from '../../src/architectures/deberta-v2.ts';
import { ARCHITECTURES, findArchitecture } from '../../src/architectures/index.ts';
import { findBucket } from '../../src/architectures/mpnet.ts';
import { describeCheckpoint } from '../../src/checkpoint/index.ts';
import { requireOneLabel } from '../../src/checkpoint/labels.ts';
import { buildOnnx } from '../../src/export/index.ts';
import type { JsonObject } from '../../src/formats/json.ts';
import { catchError } from '../fixtures/caught.ts';
import { plainTensors, SMALL, stockTensors, toHeader } from './checkpoints.ts';

const MODEL_TYPES = ARCHITECTURES.flatMap(({ modelTypes }) => Object.keys(modelTypes));
const config = (modelType: string, settings: JsonObject = {}): JsonObject => ({
  ...SMALL,
  model_type: modelType,
  ...settings,
});
const describeStock = (modelType: string, labels = 1) => {
  const { className } = findArchitecture({ model_type: modelType });
  const raw = config(modelType, { architectures: [`${className}ForSequenceClassification`] });
  return describeCheckpoint(toHeader(stockTensors(raw, labels)), raw);
};

describe('the registry', () => {
  test('names each model type once', () => {
    expect(new Set(MODEL_TYPES).size).toBe(MODEL_TYPES.length);
    expect(MODEL_TYPES.length).toBeGreaterThanOrEqual(10);
  });

  test.each([['t5'], ['bert_rewards'], ['toString'], ['']])(
    'refuses %j and lists what there is',
    async (type) => {
      const error = await catchError(() => findArchitecture({ model_type: type }));
      expect(error.code).toBe('UNSUPPORTED');
      expect(error.message).toContain(JSON.stringify(type));
      for (const known of MODEL_TYPES) expect(error.hint).toContain(known);
    },
  );

  test('refuses a config without a model type', async () => {
    const error = await catchError(() => findArchitecture({}));
    expect([error.code, error.message]).toEqual(['UNSUPPORTED', 'config.json names no model_type']);
  });

  test.each(MODEL_TYPES)('finds %s behind the name of its wrapper', (type) => {
    expect(findArchitecture({ model_type: `${type}_reward` }).modelType).toBe(type);
  });
});

/** Parameters and tensors that transformers 5.18 counts for the published sizes, without the pooler. */
const COUNTS: readonly (readonly [string, JsonObject, number, number])[] = [
  ['bert', {}, 108_891_648, 197],
  ['roberta', { max_position_embeddings: 514, type_vocab_size: 1 }, 124_055_040, 197],
  [
    'xlm-roberta',
    { vocab_size: 250_002, max_position_embeddings: 514, type_vocab_size: 1 },
    277_453_056,
    197,
  ],
  ['camembert', { vocab_size: 32_005, max_position_embeddings: 514, type_vocab_size: 1 }, 110_031_360, 197],
  ['distilbert', {}, 66_362_880, 100],
  ['electra', {}, 13_483_008, 199],
  ['mpnet', { max_position_embeddings: 514 }, 108_895_872, 197],
  [
    'deberta-v2',
    {
      hidden_size: 768,
      num_hidden_layers: 12,
      num_attention_heads: 12,
      intermediate_size: 3072,
      relative_attention: true,
      position_buckets: 256,
      pos_att_type: ['p2c', 'c2p'],
      share_att_key: true,
      norm_rel_ebd: 'layer_norm',
      position_biased_input: false,
    },
    183_831_552,
    198,
  ],
  ['nomic_bert', {}, 136_731_648, 136],
  ['modernbert', {}, 149_014_272, 134],
];

test.each(COUNTS)(
  '%s of the published size has as many parameters as in transformers',
  (type, settings, parameters, tensors) => {
    const raw = { model_type: type, ...settings };
    const { architecture } = findArchitecture(raw);
    const shapes = [...architecture.listTensors(architecture.readConfig(raw)).values()];
    const sizes = shapes.map((shape) => shape.reduce((product, dim) => product * dim, 1));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(parameters);
    expect(shapes.length).toBe(tensors);
  },
);

const REFUSED: readonly (readonly [string, JsonObject, RegExp])[] = [
  ['bert', { is_decoder: true }, /is_decoder: only encoders/],
  ['bert', { position_embedding_type: 'relative_key' }, /position_embedding_type: only absolute/],
  ['bert', { hidden_act: 'xielu' }, /hidden_act/],
  ['bert', { num_attention_heads: 3 }, /hidden_size 8 is not a multiple of num_attention_heads 3/],
  ['bert', { layer_norm_eps: 0 }, /layer_norm_eps/],
  ['bert', { num_hidden_layers: 1e6 }, /num_hidden_layers/],
  ['roberta', { add_cross_attention: true }, /add_cross_attention/],
  ['roberta', { max_position_embeddings: 2, pad_token_id: 1 }, /leaves no position/],
  ['roberta', { pad_token_id: null }, /pad_token_id/],
  ['distilbert', { n_heads: 3 }, /dim 8 is not a multiple of n_heads 3/],
  ['electra', { embedding_size: 0 }, /embedding_size/],
  ['mpnet', { relative_attention_num_buckets: 64 }, /relative_attention_num_buckets: only 32/],
  ['deberta-v2', { conv_kernel_size: 3 }, /conv_kernel_size: the convolution/],
  ['deberta-v2', { relative_attention: true, pos_att_type: 'c2p|p2p' }, /pos_att_type "p2p"/],
  ['deberta-v2', { pos_att_type: ['c2p'] }, /relative_attention is false/],
  ['deberta-v2', { relative_attention: true, position_buckets: 64 }, /position_buckets 64 do not fit/],
  ['deberta-v2', { attention_head_size: 8 }, /attention_head_size 8: only 4/],
  ['nomic_bert', { n_embd: 768 }, /n_embd/],
  ['nomic_bert', { rope_parameters: { rope_type: 'yarn' } }, /rope_parameters.rope_type/],
  ['nomic_bert', { head_dim: 8 }, /head_dim 8: only 4/],
];

test.each(REFUSED)('a config of %s with %j is refused by its key', async (type, settings, message) => {
  const raw = config(type, settings);
  const error = await catchError(() => findArchitecture(raw).architecture.readConfig(raw));
  expect(error.code).toBe('INPUT_INVALID');
  expect(error.message).toMatch(message);
});

test.each([
  ['bert', 16],
  ['roberta', 14],
  ['mpnet', 14],
  ['distilbert', 16],
  ['electra', 16],
])('%s with 16 positions takes %i tokens and no more', (type, tokens) => {
  const raw = config(type);
  const read = findArchitecture(raw).architecture.readConfig(raw);
  expect([read.maxPositions, read.limitsLength]).toEqual([tokens, true]);
});

describe.each(MODEL_TYPES)('a checkpoint of %s', (type) => {
  const raw = config(type);

  test('is explained as a plain wrapper, and its graph is small', () => {
    const checkpoint = describeCheckpoint(toHeader(plainTensors(raw)), raw);
    expect([checkpoint.prefix, checkpoint.head.attribute]).toEqual(['encoder.', 'score']);
    expect(checkpoint.classifier).toBeUndefined();
    expect(buildOnnx(checkpoint, { pooling: 'mean' }).length).toBeLessThan(60_000);
  });

  test('is explained as a stock class, where the config names it', () => {
    const { classifier, head } = describeStock(type);
    expect(classifier?.className).toBe(`${findArchitecture(raw).className}ForSequenceClassification`);
    expect(head).toBe(classifier?.output);
    expect(head.bias).toBeDefined();
  });

  test('with three labels is described, and refused as a bundle', async () => {
    const checkpoint = describeStock(type, 3);
    expect(checkpoint.head.labels).toBe(3);
    const error = await catchError(() => requireOneLabel(checkpoint));
    expect(error.code).toBe('UNSUPPORTED');
    expect(error.message).toMatch(/gives 3 scores a row; a bundle holds a model of one$/);
    expect(() => requireOneLabel(describeStock(type, 1))).not.toThrow();
  });

  test('misses each of its tensors by name', async () => {
    for (const name of plainTensors(raw).keys()) {
      if (name.endsWith('score.bias') || name.includes('word_embeddings') || name.includes('tok_embeddings'))
        continue;
      const tensors = plainTensors(raw);
      tensors.delete(name);
      const error = await catchError(() => describeCheckpoint(toHeader(tensors), raw));
      expect(error.message).toContain(name === 'score.weight' ? 'found none' : name);
    }
  });

  test('with a tensor nobody knows is refused', async () => {
    const tensors = plainTensors(raw).set('encoder.extra.weight', { shape: [8] });
    const error = await catchError(() => describeCheckpoint(toHeader(tensors), raw));
    expect(error.message).toMatch(/1 tensor is not explained by config.json: encoder\.extra\.weight/);
  });

  test('may be of half precision, and not of integers', async () => {
    for (const dtype of ['F16', 'BF16', 'I32', 'F64'] as const) {
      const tensors = plainTensors(raw);
      for (const [name, { shape }] of tensors) tensors.set(name, { shape, dtype });
      const read = () => describeCheckpoint(toHeader(tensors), raw);
      if (dtype === 'F16' || dtype === 'BF16')
        expect(buildOnnx(read(), { pooling: 'cls' }).length).toBeGreaterThan(0);
      else expect((await catchError(read)).message).toMatch(/only F32, F16 and BF16/);
    }
  });
});

describe('what no score depends on', () => {
  const raw = config('bert');

  test('is accounted for by name', () => {
    const tensors = plainTensors(raw, 'bert.')
      .set('bert.embeddings.position_ids', { shape: [1, 16], dtype: 'I64' })
      .set('bert.pooler.dense.weight', { shape: [8, 8] })
      .set('bert.pooler.dense.bias', { shape: [8] })
      .set('cls.predictions.bias', { shape: [20] });
    expect(describeCheckpoint(toHeader(tensors), raw).unused).toEqual([
      'bert.embeddings.position_ids',
      'bert.pooler.dense.weight',
      'bert.pooler.dense.bias',
      'cls.predictions.bias',
    ]);
  });

  test('must have the shape that the config gives it', async () => {
    const tensors = plainTensors(raw).set('encoder.pooler.dense.weight', { shape: [8, 9] });
    const error = await catchError(() => describeCheckpoint(toHeader(tensors), raw));
    expect(error.message).toMatch(/encoder\.pooler\.dense\.weight has shape \[8, 9\]/);
  });
});

test('distances fall into the buckets of PyTorch', () => {
  expect([0, 7, 8, 11, 12, 16, 22, 23, 45, 91, 127, 128].map(findBucket)).toEqual([
    0, 7, 8, 8, 9, 10, 10, 11, 12, 15, 15, 15,
  ]);
  const buckets = listBuckets(256, 512, true);
  expect([0, 128, 129, 130, 131, 200, 300, 510, 511].map((distance) => buckets[distance])).toEqual([
    0, 128, 129, 130, 131, 169, 207, 255, 255,
  ]);
  expect(listBuckets(5, 5, false)).toEqual([0, 1, 2, 3, 4, 5]);
});
