import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModernBertConfig } from '../../../src/architectures/modernbert-config.ts';
import { describeCheckpoint } from '../../../src/checkpoint/index.ts';
import { buildOnnx, exportOnnx } from '../../../src/export/index.ts';
import { readJsonObject } from '../../../src/formats/json.ts';
import { readSafetensorsHeader } from '../../../src/formats/safetensors.ts';
import { editText } from '../bundle-fixture.ts';
import { inGraph, inJson, pointAt } from '../cases/model.ts';
import { type Damage, type Mutation, mutation, truncate } from './damage.ts';

type Values = Record<string, unknown>;
const inConfig = (edit: (config: Values) => void) => inJson('config.json', edit);
const inSettings = (edit: (input: Values, config: Values) => void) =>
  inJson('hubwright.json', (config) => edit(config.input as Values, config));
const inTokenizer = (edit: (tokenizer: Values) => void) => inJson('tokenizer.json', edit);
const inTokenizerConfig = (edit: (config: Values) => void) => inJson('tokenizer_config.json', edit);
const inCode =
  (edit: (code: string) => string): Damage =>
  (dir) =>
    editText(dir, 'modeling_reward.py', edit);
const set = (key: string, value: unknown) =>
  inConfig((config) => {
    config[key] = value;
  });

/** The graph of other settings than those of config.json. */
const graphOf =
  (change: (config: ModernBertConfig) => Partial<ModernBertConfig>): Damage =>
  async (dir) => {
    const header = await readSafetensorsHeader(join(dir, 'model.safetensors'));
    const checkpoint = describeCheckpoint(header, await readJsonObject(join(dir, 'config.json')));
    const config = { ...checkpoint.config, ...change(checkpoint.config as ModernBertConfig) };
    writeFileSync(join(dir, 'model.onnx'), buildOnnx({ ...checkpoint, config }, { pooling: 'mean' }));
  };

const CONFIG: readonly Mutation[] = [
  mutation('another window in the config', ['onnx-weights'], set('local_attention', 64)),
  mutation('another epsilon in the config', ['onnx-weights'], set('norm_eps', 1e-3)),
  mutation('another number of heads', ['onnx-weights'], set('num_attention_heads', 8)),
  mutation('heads that do not divide the width', ['config-types'], set('num_attention_heads', 7)),
  mutation('a setting that is null', ['config-types'], set('mlp_bias', null)),
  mutation('two labels', ['config-labels'], set('id2label', { 0: 'A', 1: 'B' })),
  mutation('label maps that differ', ['config-labels'], set('label2id', { SCORE: 0 })),
  mutation(
    'a sigmoid too few: problem_type regression',
    ['config-activation'],
    set('problem_type', 'regression'),
  ),
  mutation('the stock model_type', ['config-model-type'], set('model_type', 'modernbert')),
  mutation(
    'a class that the code does not have',
    ['config-auto-map'],
    inConfig((config) => {
      (config.auto_map as Values).AutoModel = 'modeling_reward.Missing';
    }),
  ),
  mutation(
    'code of another repository',
    ['config-auto-map'],
    inConfig((config) => {
      (config.auto_map as Values).AutoModel = 'evil/other--modeling_reward.BERTRewardModel';
    }),
  ),
  mutation(
    'settings in the spelling of transformers 5 only',
    ['config-spellings'],
    inConfig((config) => {
      delete config.global_rope_theta;
    }),
  ),
  mutation('another dtype in the config', ['weights-dtype'], set('dtype', 'bfloat16')),
  mutation(
    'a vocabulary larger than the embedding',
    ['tensors-config'],
    inConfig((config) => {
      config.vocab_size = 2000;
    }),
  ),
  mutation('config.json cut off', ['json-strict'], truncate('config.json', 0.5)),
  mutation('hubwright.json cut off', ['json-strict'], truncate('hubwright.json', 0.5)),
  mutation(
    'a maximum length beyond the positions',
    ['config-length'],
    inSettings((input) => {
      input.maxLength = 1024;
    }),
  ),
  mutation(
    'a shorter maximum length',
    ['tokenizer-length', 'predictions-match'],
    inSettings((input) => {
      input.maxLength = 32;
    }),
  ),
  mutation(
    'another input template',
    ['predictions-match'],
    inSettings((input) => {
      input.template = 'sql: {{sql}}\nreasoning: {{reasoning}}\nnl: {{nl}}';
    }),
  ),
  mutation(
    'a column of the template forgotten',
    ['metrics-recompute', 'predictions-match'],
    inSettings((input) => {
      input.template = 'SQL: {{sql}}\nNL: {{nl}}';
    }),
  ),
  mutation(
    'two columns of the template exchanged',
    ['metrics-recompute', 'predictions-match'],
    inSettings((input) => {
      input.template = 'SQL: {{nl}}\nReasoning: {{reasoning}}\nNL: {{sql}}';
    }),
  ),
  mutation(
    'no activation declared',
    ['config-activation', 'metrics-recompute', 'predictions-match'],
    inSettings((_, config) => {
      config.head = { pooling: 'mean', activation: 'identity' };
    }),
  ),
];

const TOKENIZER: readonly Mutation[] = [
  mutation(
    'two token ids exchanged',
    ['predictions-match'],
    inTokenizer((tokenizer) => {
      const { vocab } = tokenizer.model as { vocab: Record<string, number> };
      [vocab.a, vocab.e] = [vocab.e ?? 0, vocab.a ?? 0];
    }),
  ),
  mutation(
    'the last merges of the tokenizer lost',
    ['predictions-match'],
    inTokenizer((tokenizer) => {
      const model = tokenizer.model as { merges: unknown[] };
      model.merges = model.merges.slice(0, model.merges.length / 2);
    }),
  ),
  mutation(
    'a tokenizer that lowers all letters',
    ['predictions-match'],
    inTokenizer((tokenizer) => {
      tokenizer.normalizer = { type: 'Lowercase' };
    }),
  ),
  mutation(
    'a token beyond the embedding',
    ['tokenizer-embedding'],
    inTokenizer((tokenizer) => {
      (tokenizer.added_tokens as object[]).push({ id: 999_999, content: '[EXTRA]', special: true });
    }),
  ),
  mutation('another padding id', ['tokenizer-special-ids'], set('pad_token_id', 2)),
  mutation(
    'a mask token that is not there',
    ['tokenizer-special-ids'],
    inTokenizerConfig((config) => {
      config.mask_token = '<mask>';
    }),
  ),
  mutation(
    'a tokenizer class of transformers 5 only',
    ['tokenizer-class'],
    inTokenizerConfig((config) => {
      config.tokenizer_class = 'TokenizersBackend';
    }),
  ),
  mutation(
    'a tokenizer that cuts earlier than training did',
    ['tokenizer-length'],
    inTokenizerConfig((config) => {
      config.model_max_length = 128;
    }),
  ),
  mutation('a tokenizer cut off', ['json-strict'], truncate('tokenizer.json', 0.7)),
  mutation('an empty tokenizer', ['required-files', 'json-strict'], truncate('tokenizer.json', 0)),
  mutation(
    'no special tokens around a text',
    ['predictions-match'],
    inTokenizer((tokenizer) => {
      tokenizer.post_processor = null;
    }),
  ),
];

const CODE: readonly Mutation[] = [
  mutation(
    'code that starts a program',
    ['code-imports'],
    inCode((code) => code.replace('import torch\n', 'import torch\nimport subprocess\n')),
  ),
  mutation(
    'code that runs text',
    ['code-imports'],
    inCode((code) => `${code}\nexec("print(1)")\n`),
  ),
  mutation(
    'code without post_init',
    ['code-portable'],
    inCode((code) => code.replace('self.post_init()', 'pass')),
  ),
  mutation(
    'code that names the head otherwise',
    ['code-matches'],
    inCode((code) => code.replaceAll('self.regressor', 'self.score')),
  ),
  mutation(
    'code of another maximum length',
    ['code-matches'],
    inCode((code) => code.replace('MAX_LENGTH = 256', 'MAX_LENGTH = 512')),
  ),
  mutation(
    'code without its sigmoid',
    ['code-matches'],
    inCode((code) => code.replace(/torch\.sigmoid\(([^)]*)\)/, '$1')),
  ),
  mutation('code cut off', ['code-matches'], truncate('modeling_reward.py', 0.6)),
];

const GRAPH: readonly Mutation[] = [
  mutation(
    'a graph with the window off by one',
    ['onnx-weights', 'predictions-match'],
    graphOf(({ radius }) => ({ radius: radius + 1 })),
  ),
  mutation(
    'a graph with another epsilon',
    ['onnx-weights'],
    graphOf(() => ({ normEps: 1e-3 })),
  ),
  mutation(
    'a graph that pools the first token',
    ['onnx-weights', 'metrics-recompute', 'predictions-match'],
    async (dir) => {
      await exportOnnx(dir, { pooling: 'cls' });
    },
  ),
  mutation(
    'a graph that pools the largest values',
    ['onnx-weights', 'metrics-recompute', 'predictions-match'],
    async (dir) => {
      await exportOnnx(dir, { pooling: 'max' });
    },
  ),
  ...([0, 1, 100, 0.5, -1] as const).map((to) =>
    mutation(
      `a graph cut to ${to === 0.5 ? 'half' : to === -1 ? 'all but a byte' : `${to} bytes`}`,
      ['onnx-weights', ...(to === 0 ? ['required-files'] : [])],
      truncate('model.onnx', to),
    ),
  ),
  mutation(
    'a graph that reads beyond the weights',
    ['onnx-data', 'onnx-weights'],
    pointAt('offset', '99999999'),
  ),
  mutation(
    'a graph that reads a file outside',
    ['onnx-data', 'onnx-weights'],
    pointAt('location', '../other.bin'),
  ),
  mutation(
    'a graph that reads an absolute path',
    ['onnx-data', 'onnx-weights'],
    pointAt('location', '/etc/hostname'),
  ),
  mutation('a graph that reads the wrong tensor', ['onnx-weights'], pointAt('offset', '4496')),
  mutation(
    'a graph of a newer opset',
    ['onnx-operators', 'onnx-weights'],
    inGraph((model) => {
      for (const one of model.opsetImport) if (one.domain === '') one.version = 99n;
    }),
  ),
  mutation(
    'a graph with a foreign operator',
    ['onnx-operators', 'onnx-weights'],
    inGraph((model) => {
      const [node] = model.graph?.node ?? [];
      if (node !== undefined) node.domain = 'evil.ops';
    }),
  ),
  mutation(
    'a graph with another output',
    ['onnx-io', 'onnx-weights'],
    inGraph(({ graph }) => {
      const [output] = graph?.output ?? [];
      if (output !== undefined) output.name = 'scores';
    }),
  ),
];

export const MODEL_MUTATIONS: readonly Mutation[] = [...CONFIG, ...TOKENIZER, ...CODE, ...GRAPH];
