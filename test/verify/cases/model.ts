import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { editJson } from '../bundle-fixture.ts';
import { fails, type RuleCase } from './rule-case.ts';

export const MODEL_CASES: readonly RuleCase[] = [
  fails('safetensors-header', 'cut off', (dir) => truncateSync(join(dir, 'model.safetensors'), 100_000), [
    /model\.safetensors/,
  ]),
  fails(
    'tensors-config',
    'a layer less in the config',
    (dir) =>
      editJson(dir, 'config.json', (config) => {
        config.num_hidden_layers = 6;
        config.layer_types = (config.layer_types as string[]).slice(0, -1);
      }),
    [/not explained by config\.json/],
  ),
  fails(
    'onnx-weights',
    'another window in the config',
    (dir) =>
      editJson(dir, 'config.json', (config) => {
        config.local_attention = 64;
      }),
    ['model.onnx: is not what the export of model.safetensors and config.json gives'],
  ),
  fails(
    'tokenizer-embedding',
    'a token beyond the embedding',
    (dir) =>
      editJson(dir, 'tokenizer.json', (tokenizer) => {
        (tokenizer.added_tokens as object[]).push({ id: 999_999, content: '[EXTRA]', special: true });
      }),
    ['tokenizer.json: token "[EXTRA]" has id 999999, the embedding has 1697 rows (1 tokens lie beyond)'],
  ),
];
