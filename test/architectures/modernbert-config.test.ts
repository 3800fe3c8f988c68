import { describe, expect, test } from 'vitest';
import { readModernBertConfig } from '../../src/architectures/modernbert-config.ts';
import { listEncoderTensors } from '../../src/architectures/modernbert-tensors.ts';
import { KNOWN_BASES } from '../../src/checkpoint/known-bases.ts';
import type { JsonObject } from '../../src/formats/json.ts';
import { catchError } from '../fixtures/caught.ts';
import { TINY_CONFIG } from '../fixtures/tiny-checkpoint.ts';

const read = (change: JsonObject) =>
  readModernBertConfig({ ...TINY_CONFIG, num_hidden_layers: 6, ...change });
const v5 = (full?: number, sliding?: number) => ({
  rope_parameters: {
    full_attention: { rope_type: 'default', ...(full === undefined ? {} : { rope_theta: full }) },
    sliding_attention: { rope_type: 'default', ...(sliding === undefined ? {} : { rope_theta: sliding }) },
  },
});

describe('the settings of transformers', () => {
  test('have the defaults of ModernBERT-base', () => {
    expect(readModernBertConfig({})).toEqual(
      readModernBertConfig(KNOWN_BASES['answerdotai/modernbert-base']!),
    );
  });

  test.each<[string, JsonObject, number, number]>([
    ['absent', {}, 160_000, 10_000],
    ['version 4', { global_rope_theta: 5000, local_rope_theta: 300 }, 5000, 300],
    ['version 4, local null', { global_rope_theta: 5000, local_rope_theta: null }, 5000, 5000],
    ['version 4, null and absent', { local_rope_theta: null }, 160_000, 160_000],
    ['version 5', v5(5000, 300), 5000, 300],
    [
      'version 5 beside version 4',
      { ...v5(5000, 300), global_rope_theta: 7, local_rope_theta: 8 },
      5000,
      300,
    ],
    ['version 5 without thetas', v5(), 160_000, 10_000],
    ['null', { rope_parameters: null, global_rope_theta: null }, 160_000, 10_000],
  ])('give thetas in the spelling: %s', (_, change, full, sliding) => {
    expect(read(change).ropeTheta).toEqual({ full, sliding });
  });

  const F = 'full';
  const S = 'sliding';
  test.each<[string, JsonObject, string[]]>([
    ['absent', {}, [F, S, S, F, S, S]],
    ['version 4', { global_attn_every_n_layers: 2 }, [F, S, F, S, F, S]],
    ['version 4, all global', { global_attn_every_n_layers: 1 }, [F, F, F, F, F, F]],
    [
      'version 5',
      {
        layer_types: [
          'sliding_attention',
          'full_attention',
          'full_attention',
          ...Array(3).fill('sliding_attention'),
        ],
      },
      [S, F, F, S, S, S],
    ],
    [
      'version 5 beside version 4',
      { layer_types: Array(6).fill('full_attention'), global_attn_every_n_layers: 3 },
      [F, F, F, F, F, F],
    ],
  ])('give layer types in the spelling: %s', (_, change, types) => {
    expect(read(change).layerTypes).toEqual(types);
  });

  test.each([
    [128, 64],
    [7, 3],
    [1, 0],
  ])('give a window of %i as a radius of %i', (local_attention, radius) => {
    expect(read({ local_attention }).radius).toBe(radius);
  });

  test.each([
    ['gelu', 'gelu'],
    ['gelu_new', 'gelu-tanh'],
    ['gelu_pytorch_tanh', 'gelu-tanh'],
  ])('give the activation %s as %s', (hidden_activation, activation) => {
    expect(read({ hidden_activation }).activation).toBe(activation);
  });
});

const BAD: [change: JsonObject, message: RegExp][] = [
  [{ num_attention_heads: 3 }, /hidden_size 8 is not a multiple of num_attention_heads 3/],
  [{ num_attention_heads: 8 }, /must be even for rotary/],
  [{ layer_types: ['full_attention'] }, /layer_types lists 1 layers, num_hidden_layers is 6/],
  [{ layer_types: Array(6).fill('chunked_attention') }, /layer_types\.0: /],
  [{ num_hidden_layers: 0 }, /num_hidden_layers: /],
  [{ num_hidden_layers: 1e9 }, /num_hidden_layers: /],
  [{ hidden_size: '8' }, /hidden_size: /],
  [{ hidden_size: 8.5 }, /hidden_size: /],
  [{ vocab_size: -1 }, /vocab_size: /],
  [{ hidden_activation: 'silu' }, /hidden_activation: .*gelu_pytorch_tanh/],
  [{ hidden_activation: 'toString' }, /hidden_activation: /],
  [{ norm_eps: 0 }, /norm_eps: /],
  [{ global_rope_theta: -1 }, /global_rope_theta: /],
  [{ rope_scaling: { type: 'linear', factor: 2 } }, /rope_scaling: /],
  [
    { rope_parameters: { full_attention: { rope_type: 'yarn', rope_theta: 1 } } },
    /rope_parameters\.full_attention\.rope_type: /,
  ],
  [
    { rope_parameters: { sliding_attention: { rope_theta: 0 } } },
    /rope_parameters\.sliding_attention\.rope_theta: /,
  ],
  [{ rope_parameters: 'default' }, /rope_parameters: /],
  [{ global_attn_every_n_layers: 0 }, /global_attn_every_n_layers: /],
];

test.each(BAD)('%j is refused by its key', async (change, message) => {
  const error = await catchError(() => read(change));
  expect(error.code).toBe('INPUT_INVALID');
  expect(error.message).toMatch(/^config\.json: /);
  expect(error.message).toMatch(message);
});

/** As torch counts them in ModernBertModel(config).state_dict() of transformers 5.18. */
test.each([
  ['answerdotai/modernbert-base', 149_014_272, 134],
  ['answerdotai/modernbert-large', 394_781_696, 170],
])('%s has %i parameters in %i tensors', (name, parameters, count) => {
  const shapes = [...listEncoderTensors(readModernBertConfig(KNOWN_BASES[name]!)).values()];
  expect(shapes.length).toBe(count);
  expect(shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b), 0)).toBe(parameters);
});
