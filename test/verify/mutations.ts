import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModernBertConfig } from '../../src/architectures/modernbert-config.ts';
import { describeCheckpoint } from '../../src/checkpoint/index.ts';
import { buildOnnx, exportOnnx } from '../../src/export/index.ts';
import { readJsonObject } from '../../src/formats/json.ts';
import { readSafetensorsHeader } from '../../src/formats/safetensors.ts';
import { editJson, editTensor, editText, swapTensors } from './bundle-fixture.ts';

type Damage = (dir: string) => void | Promise<void>;

/** What is done to a bundle that is then locked again, and the rules that must see it. */
export const MUTATIONS: readonly (readonly [string, readonly string[], Damage])[] = [
  [
    'one sign in the head flipped',
    ['predictions-match'],
    (dir) =>
      editTensor(dir, 'regressor.weight', (values) => {
        values[7] = -(values[7] ?? 0);
      }),
  ],
  [
    'the whole head negated',
    ['metrics-recompute', 'predictions-match'],
    (dir) =>
      editTensor(dir, 'regressor.weight', (values) => {
        for (const [i, value] of values.entries()) values[i] = -value;
      }),
  ],
  [
    'two layers swapped',
    ['metrics-recompute', 'predictions-match'],
    async (dir) => {
      for (const name of ['attn_norm', 'attn.Wqkv', 'attn.Wo', 'mlp_norm', 'mlp.Wi', 'mlp.Wo']) {
        await swapTensors(dir, `encoder.layers.1.${name}.weight`, `encoder.layers.2.${name}.weight`);
      }
    },
  ],
  [
    'one bit of one weight',
    ['predictions-match'],
    (dir) =>
      editTensor(dir, 'encoder.layers.3.mlp.Wo.weight', (values) => {
        const bits = new Uint32Array(values.buffer, values.byteOffset + 400, 1);
        bits[0] = (bits[0] ?? 0) ^ 0x4000_0000;
      }),
  ],
  [
    'NaN in one weight',
    ['metrics-recompute', 'predictions-match'],
    (dir) =>
      editTensor(dir, 'regressor.bias', (values) => {
        values[0] = Number.NaN;
      }),
  ],
  [
    'a digit of the mse',
    ['metrics-recompute', 'card-numbers'],
    (dir) =>
      editText(dir, 'test_metrics.json', (text) =>
        text.replace(/("mse": 0\.0\d)(\d)/, (_, a, b) => `${a}${(Number(b) + 1) % 10}`),
      ),
  ],
  [
    'the fifth digit of the mae',
    ['metrics-recompute'],
    (dir) =>
      editText(dir, 'test_metrics.json', (text) =>
        text.replace(/("mae": 0\.\d{3})(\d)/, (_, a, b) => `${a}${(Number(b) + 1) % 10}`),
      ),
  ],
  [
    'NaN in the metrics',
    ['json-strict'],
    (dir) => editText(dir, 'test_metrics.json', (text) => text.replace(/"mse": [\d.]+/, '"mse": NaN')),
  ],
  [
    'no metric left',
    ['metrics-recompute'],
    (dir) => writeFileSync(join(dir, 'test_metrics.json'), '{"note": "none"}'),
  ],
  [
    'another number of examples',
    ['row-counts', 'metrics-recompute'],
    (dir) =>
      editJson(dir, 'test_metrics.json', (metrics) => {
        metrics.num_examples = 955;
      }),
  ],
  [
    'a row of the test split dropped',
    ['row-counts', 'metrics-recompute'],
    (dir) => dropRow(dir, 'test_set.csv'),
  ],
  ['a prediction dropped', ['row-counts'], (dir) => dropRow(dir, 'test_predictions.csv')],
  [
    'a prediction edited',
    ['predictions-match'],
    (dir) =>
      editText(dir, 'test_predictions.csv', (text) =>
        text.replace(/,0\.(\d)/, (_, digit) => `,0.${(Number(digit) + 5) % 10}`),
      ),
  ],
  [
    'a label of 1.7',
    ['csv-schema'],
    (dir) => editText(dir, 'test_set.csv', (text) => text.replace(/,(0\.\d+)(\r?\n)/, ',1.7$2')),
  ],
  [
    'the label column renamed',
    ['csv-schema'],
    (dir) => editText(dir, 'train_set.csv', (text) => text.replace('similarity_with_penalty', 'label')),
  ],
  ['weights cut off', ['safetensors-header'], (dir) => truncateSync(join(dir, 'model.safetensors'), 100_000)],
  [
    'a git-LFS pointer for weights',
    ['safetensors-header'],
    (dir) =>
      writeFileSync(
        join(dir, 'model.safetensors'),
        'version https://git-lfs.github.com/spec/v1\noid sha256:0000000000000000000000000000000000000000000000000000000000000000\nsize 596000000\n',
      ),
  ],
  [
    'one layer less in the config',
    ['tensors-config'],
    (dir) =>
      editJson(dir, 'config.json', (config) => {
        config.num_hidden_layers = Number(config.num_hidden_layers) - 1;
        config.layer_types = (config.layer_types as string[]).slice(0, -1);
      }),
  ],
  [
    'another window in the config',
    ['onnx-weights'],
    (dir) =>
      editJson(dir, 'config.json', (config) => {
        config.local_attention = 64;
      }),
  ],
  [
    'a graph with the window off by one',
    ['onnx-weights', 'predictions-match'],
    async (dir) => {
      const header = await readSafetensorsHeader(join(dir, 'model.safetensors'));
      const checkpoint = describeCheckpoint(header, await readJsonObject(join(dir, 'config.json')));
      const { radius } = checkpoint.config as ModernBertConfig;
      const config = { ...checkpoint.config, radius: radius + 1 };
      writeFileSync(join(dir, 'model.onnx'), buildOnnx({ ...checkpoint, config }, { pooling: 'mean' }));
    },
  ],
  [
    'a graph that pools the first token',
    ['onnx-weights', 'metrics-recompute', 'predictions-match'],
    async (dir) => {
      await exportOnnx(dir, { pooling: 'cls' });
    },
  ],
  [
    'a graph cut off',
    ['onnx-weights', 'metrics-recompute'],
    (dir) => truncateSync(join(dir, 'model.onnx'), 5_000),
  ],
  [
    'two token ids exchanged',
    ['predictions-match'],
    (dir) =>
      editJson(dir, 'tokenizer.json', (tokenizer) => {
        const { vocab } = tokenizer.model as { vocab: Record<string, number> };
        [vocab.a, vocab.e] = [vocab.e ?? 0, vocab.a ?? 0];
      }),
  ],
  [
    'a token beyond the embedding',
    ['tokenizer-embedding'],
    (dir) =>
      editJson(dir, 'tokenizer.json', (tokenizer) => {
        (tokenizer.added_tokens as object[]).push({ id: 999_999, content: '[EXTRA]', special: true });
      }),
  ],
  [
    'a shorter maximum length',
    ['metrics-recompute', 'predictions-match'],
    (dir) =>
      editJson(dir, 'hubwright.json', (config) => {
        (config.input as Record<string, unknown>).maxLength = 32;
      }),
  ],
  [
    'another input template',
    ['predictions-match'],
    (dir) =>
      editJson(dir, 'hubwright.json', (config) => {
        (config.input as Record<string, unknown>).template =
          'sql: {{sql}}\nreasoning: {{reasoning}}\nnl: {{nl}}';
      }),
  ],
  [
    'a number on the card',
    ['card-numbers'],
    (dir) =>
      editText(dir, 'README.md', (text) =>
        text.replace(/(\| \**MSE\**\s*\| 0\.0)(\d)/, (_, a, b) => `${a}${(Number(b) + 1) % 10}`),
      ),
  ],
  [
    'a number in the metadata of the card',
    ['card-numbers'],
    (dir) =>
      editText(dir, 'README.md', (text) =>
        text.replace(/(type: mae\s+value: 0\.)(\d)/, (_, a, b) => `${a}${(Number(b) + 1) % 10}`),
      ),
  ],
  ['no card', ['required-files', 'card-numbers'], (dir) => rmSync(join(dir, 'README.md'))],
  [
    'an empty tokenizer',
    ['required-files', 'json-strict'],
    (dir) => writeFileSync(join(dir, 'tokenizer.json'), ''),
  ],
];

function dropRow(dir: string, file: string): void {
  // The last row of these files holds no line break inside a cell, or else its last line alone would not parse.
  editText(dir, file, (text) => {
    const records = text.trimEnd().split(/\n(?=(?:[^"]*"[^"]*")*[^"]*$)/);
    return `${records.slice(0, -1).join('\n')}\n`;
  });
}
