import { describe, expect, test } from 'vitest';
import { readModernBertConfig } from '../../src/architectures/modernbert-config.ts';
import { baseModelConfig, makeModelConfig } from '../../src/assemble/model-config.ts';
import { describeCheckpoint } from '../../src/checkpoint/index.ts';
import { type ConfigInput, defineConfig } from '../../src/config.ts';
import type { JsonObject } from '../../src/formats/json.ts';
import { formatSpelledJson, parseSpelledJson } from '../../src/formats/spelled-json.ts';
import { catchError } from '../fixtures/caught.ts';
import { TINY_CONFIG, tinyHeader } from '../fixtures/tiny-checkpoint.ts';

const input = { template: '{{a}}', label: 's', maxLength: 8 };

function makeText(text: string, head: ConfigInput['head'] = {}): string {
  const checkpoint = describeCheckpoint(tinyHeader(), JSON.parse(text) as JsonObject);
  const raw = parseSpelledJson(text, 'config.json');
  return formatSpelledJson(makeModelConfig(raw, checkpoint, defineConfig({ input, head })));
}

const make = (raw: JsonObject = {}, head: ConfigInput['head'] = {}) =>
  JSON.parse(makeText(JSON.stringify({ ...TINY_CONFIG, ...raw }), head)) as JsonObject;

describe('the config.json of a bundle', () => {
  test('maps the auto classes to the shim, under a model type of its own', () => {
    expect(make()).toMatchObject({
      model_type: 'modernbert_reward',
      architectures: ['BERTRewardModel'],
      auto_map: {
        AutoConfig: 'modeling_reward.BERTRewardConfig',
        AutoModel: 'modeling_reward.BERTRewardModel',
        AutoModelForSequenceClassification: 'modeling_reward.BERTRewardModel',
      },
    });
  });

  test('says one label, and the sigmoid once', () => {
    expect(make()).toMatchObject({
      id2label: { '0': 'REWARD' },
      label2id: { REWARD: 0 },
      problem_type: 'multi_label_classification',
      sentence_transformers: { activation_fn: 'torch.nn.modules.activation.Sigmoid' },
      classifier_pooling: 'mean',
    });
  });

  test('says no sigmoid for a score without bounds', () => {
    expect(make({}, { activation: 'identity', pooling: 'cls' })).toMatchObject({
      problem_type: 'regression',
      sentence_transformers: { activation_fn: 'torch.nn.modules.linear.Identity' },
      classifier_pooling: 'cls',
    });
  });

  test.each<[string, JsonObject]>([
    ['4', { global_rope_theta: 5000, local_rope_theta: 300, global_attn_every_n_layers: 2 }],
    ['4, local theta null', { global_rope_theta: 5000, local_rope_theta: null }],
    [
      '5',
      {
        layer_types: ['full_attention', 'sliding_attention'],
        rope_parameters: {
          full_attention: { rope_type: 'default', rope_theta: 5000 },
          sliding_attention: { rope_type: 'default', rope_theta: 300 },
        },
      },
    ],
  ])('is read alike by both generations, from version %s', (_, raw) => {
    const expected = readModernBertConfig({ ...TINY_CONFIG, ...raw });
    const made = make(raw);
    const { rope_parameters, layer_types, ...version4 } = made;
    const { global_rope_theta, local_rope_theta, global_attn_every_n_layers, ...version5 } = made;
    for (const [key, value] of Object.entries({
      rope_parameters,
      layer_types,
      global_rope_theta,
      local_rope_theta,
    })) {
      expect(value, key).toBeDefined();
    }
    expect(global_attn_every_n_layers).toBe(2);
    expect(readModernBertConfig(version4)).toEqual(expected);
    expect(readModernBertConfig(version5)).toEqual(expected);
  });

  test('spells floats as floats, which transformers 5 asks for, and leaves every other number as it was', () => {
    const raw = { ...TINY_CONFIG, global_rope_theta: 5000, local_rope_theta: 300.5, factor: 'F', big: 'B' };
    const text = makeText(JSON.stringify(raw).replace('"F"', '2.0').replace('"B"', '12345678901234567890'));
    expect(text).toMatch(/"global_rope_theta": 5000\.0,/);
    expect(text).toMatch(/"rope_theta": 300\.5$/m);
    expect(text).toMatch(/"factor": 2\.0,/);
    expect(text).toMatch(/"big": 12345678901234567890,/);
    expect(text).toMatch(/"hidden_size": 8,/);
  });

  test('names no spacing of global layers where there is none', () => {
    const made = make({ layer_types: ['sliding_attention', 'full_attention'] });
    expect(made).not.toHaveProperty('global_attn_every_n_layers');
    expect(made.layer_types).toEqual(['sliding_attention', 'full_attention']);
  });

  test('keeps what else the encoder says, but not where or by what it was made', () => {
    const made = make({
      _name_or_path: '/home/a/run',
      transformers_version: '4.48.0',
      pad_token_id: 3,
      x: [1],
    });
    expect(made).toMatchObject({ pad_token_id: 3, x: [1], hidden_size: 8 });
    expect(made).not.toHaveProperty('_name_or_path');
    expect(made).not.toHaveProperty('transformers_version');
  });
});

describe('a run without config.json', () => {
  test.each([
    ['answerdotai/ModernBERT-base', 768, 22],
    ['AnswerDotAI/modernbert-LARGE', 1024, 28],
  ])('takes the settings of %s', (baseModel, hiddenSize, layers) => {
    const config = readModernBertConfig(baseModelConfig(baseModel));
    expect([config.hiddenSize, config.layerTypes.length]).toEqual([hiddenSize, layers]);
  });

  test.each([
    [undefined, /has no config\.json, and hubwright\.json names no baseModel/],
    ['me/other', /has no config\.json, and the settings of me\/other are not known/],
  ])('is refused for the base model %s', async (baseModel, message) => {
    const error = await catchError(() => baseModelConfig(baseModel));
    expect(error.code).toBe('INPUT_MISSING');
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/save_pretrained\(run_dir\)/);
  });
});
