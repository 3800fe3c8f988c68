import { describe, expect, test } from 'vitest';
import { describeCheckpoint } from '../../src/checkpoint/index.ts';
import { catchError } from '../fixtures/caught.ts';
import {
  renameTiny,
  TINY_CONFIG,
  type TinyTensors,
  tinyHeader,
  tinyTensors,
} from '../fixtures/tiny-checkpoint.ts';

const describeTensors = (tensors: TinyTensors, config = TINY_CONFIG) =>
  describeCheckpoint(tinyHeader(tensors), config);

describe('the names in a checkpoint', () => {
  test.each([
    ['encoder.', 'regressor'],
    ['bert.', 'score'],
    ['model.', 'classifier'],
    ['backbone.', 'head.0'],
    ['model.encoder.', 'model.head.dense'],
    ['', 'reward_head'],
  ])('are found: prefix "%s", head "%s"', (prefix, head) => {
    const checkpoint = describeTensors(renameTiny(prefix, head));
    expect(checkpoint.prefix).toBe(prefix);
    expect(checkpoint.head.attribute).toBe(head);
    expect(checkpoint.head.bias?.name).toBe(`${head}.bias`);
    expect(checkpoint.encoder.get('final_norm.weight')?.name).toBe(`${prefix}final_norm.weight`);
  });

  test('may name a head of several labels', () => {
    const tensors = tinyTensors();
    tensors.set('regressor.weight', { dtype: 'F32', shape: [3, 8] });
    tensors.set('regressor.bias', { dtype: 'F32', shape: [3] });
    expect(describeTensors(tensors).head.labels).toBe(3);
    expect(describeTensors(tinyTensors()).head.labels).toBe(1);
  });

  test('account for every tensor and parameter', () => {
    const checkpoint = describeTensors(tinyTensors());
    expect(checkpoint.encoder.size).toBe(14);
    // 11·8 + 8 + (192 + 64 + 8 + 96 + 48) + 8 + (192 + 64 + 8 + 96 + 48) + 8 + 8 + 1
    expect(checkpoint.parameters).toBe(937);
  });

  test('may lack a bias of the head', () => {
    const tensors = tinyTensors();
    tensors.delete('regressor.bias');
    expect(describeTensors(tensors).head.bias).toBeUndefined();
  });

  test('hold the biases that the config announces', () => {
    const tensors = tinyTensors();
    const biased = { ...TINY_CONFIG, norm_bias: true, attention_bias: true, mlp_bias: true };
    for (const [name, { shape }] of tinyTensors()) {
      const bias = name.replace(/weight$/, 'bias');
      if (!name.includes('tok_embeddings')) tensors.set(bias, { dtype: 'F32', shape: shape.slice(0, 1) });
    }
    expect(describeTensors(tensors, biased).encoder.get('layers.1.mlp.Wi.bias')?.shape).toEqual([12]);
  });
});

const encoderNames = [...tinyTensors().keys()].filter(
  (name) => name.startsWith('encoder.') && !name.includes('tok_embeddings'),
);

describe.each(encoderNames)('the tensor %s', (name) => {
  const { shape } = tinyTensors().get(name)!;

  test('is missed by its name and shape', async () => {
    const tensors = tinyTensors();
    tensors.delete(name);
    const error = await catchError(() => describeTensors(tensors));
    expect(error.message).toBe(`model.safetensors: tensor ${name} [${shape.join(', ')}] is missing`);
  });

  test.each([
    [shape.map((dim, axis) => (axis === 0 ? dim + 1 : dim))],
    [shape.map((dim, axis) => (axis === shape.length - 1 ? dim + 1 : dim))],
    [[...shape, 1]],
    [[]],
  ])('is refused with shape %j', async (other) => {
    const error = await catchError(() =>
      describeTensors(tinyTensors().set(name, { dtype: 'F32', shape: other })),
    );
    expect([error.code, error.message]).toEqual([
      'INPUT_INVALID',
      `model.safetensors: tensor ${name} has shape [${other.join(', ')}]; config.json calls for [${shape.join(', ')}]`,
    ]);
  });

  test('is refused with integers', async () => {
    const error = await catchError(() => describeTensors(tinyTensors().set(name, { dtype: 'I16', shape })));
    expect([error.code, error.message]).toEqual([
      'UNSUPPORTED',
      `model.safetensors: tensor ${name} is I16; only F32, F16 and BF16 can be exported`,
    ]);
  });
});

const f32 = (...shape: number[]) => ({ dtype: 'F32', shape });
const without = (name: string) => {
  const tensors = tinyTensors();
  tensors.delete(name);
  return tensors;
};

const REFUSED: Record<string, [tensors: TinyTensors, message: RegExp, config?: object]> = {
  'no encoder': [
    new Map([['bert.encoder.layer.0.weight', f32(8, 8)]]),
    /holds no ModernBERT encoder: .*begins with bert\.encoder\.layer\.0\.weight$/,
  ],
  'no tensors at all': [new Map(), /holds no ModernBERT encoder: .*begins with nothing$/],
  'two encoders': [
    tinyTensors().set('teacher.embeddings.tok_embeddings.weight', f32(11, 8)),
    /more than one encoder: encoder\.embeddings.*, teacher\.embeddings/,
  ],
  'no head': [
    without('regressor.weight'),
    /one head weight of shape \[1, 8\] .*, found none; unexplained: regressor\.bias$/,
  ],
  'a head of three labels with a bias of one': [
    tinyTensors().set('regressor.weight', f32(3, 8)),
    /tensor regressor\.bias has shape \[1\]; .* \[3\]/,
  ],
  'a square layer in place of a head': [
    tinyTensors().set('regressor.weight', f32(8, 8)),
    /found none; unexplained: regressor\.weight, regressor\.bias/,
  ],
  'two heads': [tinyTensors().set('score.weight', f32(1, 8)), /found regressor\.weight, score\.weight/],
  'a head bias of two': [
    tinyTensors().set('regressor.bias', f32(2)),
    /tensor regressor\.bias has shape \[2\]; .* \[1\]/,
  ],
  'a head of integers': [
    tinyTensors().set('regressor.weight', { dtype: 'I16', shape: [1, 8] }),
    /tensor regressor\.weight is I16/,
  ],
  'one more tensor': [
    tinyTensors().set('dense.weight', f32(8, 8)),
    /: 1 tensor is not explained by config\.json: dense\.weight$/,
  ],
  'many more tensors': [
    new Map([...tinyTensors(), ...Array.from({ length: 9 }, (_, i) => [`x${i}`, f32(1)] as const)]),
    /: 9 tensors are not explained by config\.json: x0, x1, x2, x3, x4, x5 and 3 more$/,
  ],
  'a layer more than the config': [tinyTensors(), /layers\.1\./, { num_hidden_layers: 1 }],
  'a layer fewer than the config': [
    tinyTensors(),
    /tensor encoder\.layers\.2\.attn_norm\.weight \[8\] is missing/,
    { num_hidden_layers: 3 },
  ],
  'a bias that the config does not announce': [
    tinyTensors().set('encoder.final_norm.bias', f32(8)),
    /1 tensor is not explained by config\.json: encoder\.final_norm\.bias/,
  ],
  'another vocabulary': [
    tinyTensors(),
    /tok_embeddings\.weight has shape \[11, 8\]; config\.json calls for \[12, 8\]/,
    { vocab_size: 12 },
  ],
};

test.each(Object.entries(REFUSED))(
  'a checkpoint with %s is refused',
  async (_, [tensors, message, change]) => {
    const error = await catchError(() => describeTensors(tensors, { ...TINY_CONFIG, ...change }));
    expect(['INPUT_INVALID', 'UNSUPPORTED']).toContain(error.code);
    expect(error.message).toMatch(/^model\.safetensors/);
    expect(error.message).toMatch(message);
  },
);
