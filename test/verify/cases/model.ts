import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema } from '../../../src/graph/generated/onnx_pb.ts';
import { editJson, editTensor, editText } from '../bundle-fixture.ts';
import { addFile } from './files.ts';
import { type Damage, fails, passes, type RuleCase, skips, warns } from './rule-case.ts';

type Values = Record<string, unknown>;
export const inJson =
  (file: string, edit: (value: Values) => void) =>
  (dir: string): void =>
    editJson(dir, file, edit);
const inConfig = (edit: (config: Values) => void) => inJson('config.json', edit);
const inTokenizer = (edit: (config: Values) => void) => inJson('tokenizer.json', edit);
const inTokenizerConfig = (edit: (config: Values) => void) => inJson('tokenizer_config.json', edit);
const inCode =
  (edit: (code: string) => string): Damage =>
  (dir) =>
    editText(dir, 'modeling_reward.py', edit);

/** Rewrites the header of the weights, whose length stays the same. */
export const inHeader =
  (edit: (text: string) => string): Damage =>
  (dir) => {
    const path = join(dir, 'model.safetensors');
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE(0));
    const text = edit(bytes.toString('utf8', 8, 8 + length));
    bytes.write(text.padEnd(length), 8);
    writeFileSync(path, bytes);
  };

export const inGraph =
  (edit: (model: ModelProto) => void): Damage =>
  (dir) => {
    const path = join(dir, 'model.onnx');
    const model = fromBinary(ModelProtoSchema, readFileSync(path));
    edit(model);
    writeFileSync(path, toBinary(ModelProtoSchema, model));
  };
/** Points the first initializer that lies outside the file elsewhere. */
export const pointAt = (key: 'location' | 'offset', value: string) =>
  inGraph(({ graph }) => {
    const tensor = graph?.initializer.find(({ externalData }) => externalData.length > 0);
    for (const entry of tensor?.externalData ?? []) if (entry.key === key) entry.value = value;
  });

const WEIGHTS: readonly RuleCase[] = [
  fails('safetensors-header', 'cut off', (dir) => truncateSync(join(dir, 'model.safetensors'), 100_000), [
    /model\.safetensors/,
  ]),
  fails(
    'weights-metadata',
    'another format',
    inHeader((text) => text.replace('"pt"', '"np"')),
    ['model.safetensors: names its format "np", which transformers 4 refuses'],
  ),
  fails(
    'weights-metadata',
    'no format',
    inHeader((text) => text.replace('"format"', '"former"')),
    ['model.safetensors: has metadata without a format, which transformers 4 refuses'],
  ),
  fails(
    'weights-finite',
    'NaN and infinity',
    async (dir) => {
      await editTensor(dir, 'encoder.layers.2.mlp.Wo.weight', (values) => {
        values[5] = Number.NaN;
        values[9] = Number.NEGATIVE_INFINITY;
      });
      await editTensor(dir, 'regressor.bias', (values) => values.fill(Number.POSITIVE_INFINITY));
    },
    [
      'model.safetensors: encoder.layers.2.mlp.Wo.weight holds 2 values that are NaN or infinite, the first at index 5',
      'model.safetensors: regressor.bias holds 1 value that is NaN or infinite, the first at index 0',
    ],
  ),
  fails(
    'weights-alive',
    'a head of zeros',
    (dir) => editTensor(dir, 'regressor.weight', (values) => values.fill(0)),
    ['model.safetensors: regressor.weight [1, 64] holds one value, 64 times'],
  ),
  passes('weights-alive', 'a norm of ones', (dir) =>
    editTensor(dir, 'encoder.final_norm.weight', (values) => values.fill(1)),
  ),
  warns(
    'weights-dtype',
    'two spellings that differ',
    inConfig((config) => {
      config.dtype = 'bfloat16';
    }),
    ['config.json: torch_dtype is "float32" and dtype "bfloat16"'],
  ),
  fails(
    'tensors-config',
    'a layer less in the config',
    inConfig((config) => {
      config.num_hidden_layers = 6;
      config.layer_types = (config.layer_types as string[]).slice(0, -1);
    }),
    [/not explained by config\.json/],
  ),
];

const CONFIG: readonly RuleCase[] = [
  fails(
    'config-types',
    'what transformers 4 took',
    inConfig((config) => {
      config.mlp_bias = null;
      config.attention_dropout = '0.1';
      config.classifier_pooling = 'max';
      config.problem_type = 'score';
      config.num_attention_heads = 7;
    }),
    [
      'config.json: attention_dropout is "0.1"; expected a number from 0 to 1',
      'config.json: classifier_pooling is "max"; expected "cls" or "mean"',
      'config.json: mlp_bias is null; expected true or false',
      'config.json: problem_type is "score"; expected "regression" or "multi_label_classification"',
      'config.json: hidden_size is 64, which 7 attention heads do not divide',
    ],
  ),
  fails(
    'config-labels',
    'two labels',
    inConfig((config) => {
      config.id2label = { 0: 'A', 1: 'B' };
      config.num_labels = 2;
    }),
    [
      'config.json: id2label names 2 labels; a model of one score has one',
      'config.json: num_labels is 2, not 1',
    ],
  ),
  fails(
    'config-labels',
    'maps that differ',
    inConfig((config) => {
      config.label2id = { SCORE: 0 };
    }),
    ['config.json: id2label says {"0":"REWARD"}, label2id {"SCORE":0}'],
  ),
  fails(
    'config-activation',
    'regression behind a sigmoid',
    inConfig((config) => {
      config.problem_type = 'regression';
      config.sentence_transformers = { activation_fn: 'torch.nn.modules.linear.Identity' };
    }),
    [
      'config.json: problem_type is "regression"; expected "multi_label_classification": head.activation in hubwright.json is sigmoid',
      'config.json: sentence_transformers.activation_fn is "torch.nn.modules.linear.Identity"; expected one ending in .Sigmoid',
    ],
  ),
  fails(
    'config-model-type',
    'the stock name',
    inConfig((config) => {
      config.model_type = 'modernbert';
    }),
    ['config.json: model_type is the stock "modernbert", though the model has code of its own'],
  ),
  fails(
    'config-model-type',
    'another class',
    inConfig((config) => {
      config.architectures = ['ModernBertForMaskedLM'];
    }),
    ['config.json: architectures is ["ModernBertForMaskedLM"]; expected ["BERTRewardModel"]'],
  ),
  fails(
    'config-auto-map',
    'no class, no file, another repository',
    inConfig((config) => {
      config.auto_map = {
        AutoConfig: 'modeling_reward.RewardConfig',
        AutoModel: 'modeling_other.BERTRewardModel',
        AutoModelForSequenceClassification: 'me/other--modeling_reward.BERTRewardModel',
      };
    }),
    [
      'config.json: auto_map.AutoConfig is "modeling_reward.RewardConfig", and modeling_reward.py defines no class RewardConfig',
      'config.json: auto_map.AutoModel is "modeling_other.BERTRewardModel", and there is no modeling_other.py',
      'config.json: auto_map.AutoModelForSequenceClassification is "me/other--modeling_reward.BERTRewardModel": code of another repository',
    ],
  ),
  skips(
    'config-auto-map',
    'a model without code',
    inConfig((config) => {
      delete config.auto_map;
    }),
    'the model brings no code of its own',
  ),
  fails(
    'config-spellings',
    'what transformers 5 drops',
    inConfig((config) => {
      delete config.global_rope_theta;
      delete config.global_attn_every_n_layers;
    }),
    [
      'config.json: has no global_rope_theta, which transformers 4 reads',
      'config.json: has no global_attn_every_n_layers, which transformers 4 reads',
    ],
  ),
  fails(
    'config-length',
    'a maximum beyond the positions',
    inJson('hubwright.json', (config) => {
      (config.input as Values).maxLength = 1024;
    }),
    ['hubwright.json: input.maxLength is 1024; config.json lets the encoder take at most 512 tokens'],
  ),
];

const TOKENIZER: readonly RuleCase[] = [
  fails(
    'tokenizer-loads',
    'a vocabulary without letters',
    inTokenizer((tokenizer) => {
      const model = tokenizer.model as { vocab: Values; merges: unknown[] };
      model.vocab = { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2, '[PAD]': 3 };
      model.merges = [];
    }),
    ['tokenizer.json: tokenizer.json changes a text when it adds special tokens'],
  ),
  fails(
    'tokenizer-class',
    'as transformers 5 writes it',
    inTokenizerConfig((config) => {
      config.tokenizer_class = 'TokenizersBackend';
    }),
    ['tokenizer_config.json: tokenizer_class is TokenizersBackend, which transformers 4 does not know'],
  ),
  warns(
    'tokenizer-class',
    'no list of inputs',
    inTokenizerConfig((config) => {
      delete config.model_input_names;
    }),
    ['tokenizer_config.json: has no model_input_names'],
  ),
  fails(
    'tokenizer-special-ids',
    'another padding id, and a token that is not there',
    (dir) => {
      inConfig((config) => {
        config.pad_token_id = 2;
      })(dir);
      inTokenizerConfig((config) => {
        config.mask_token = '<mask>';
      })(dir);
    },
    [
      'config.json: pad_token_id is 2; tokenizer.json gives "[PAD]" the id 3',
      'tokenizer_config.json: mask_token is "<mask>", which tokenizer.json does not have',
    ],
  ),
  fails(
    'tokenizer-embedding',
    'a token beyond the embedding',
    inTokenizer((tokenizer) => {
      (tokenizer.added_tokens as object[]).push({ id: 999_999, content: '[EXTRA]', special: true });
    }),
    ['tokenizer.json: token "[EXTRA]" has id 999999, the embedding has 1697 rows (1 tokens lie beyond)'],
  ),
  fails(
    'tokenizer-length',
    'a shorter maximum',
    inTokenizerConfig((config) => {
      config.model_max_length = 128;
    }),
    ['tokenizer_config.json: model_max_length is 128; training truncated to 256 (input.maxLength)'],
  ),
  warns(
    'tokenizer-length',
    'an unknown maximum, and padding',
    (dir) => {
      inTokenizerConfig((config) => {
        config.model_max_length = 1e30;
      })(dir);
      inTokenizer((tokenizer) => {
        tokenizer.padding = { strategy: { Fixed: 256 }, pad_id: 3, pad_token: '[PAD]' };
      })(dir);
    },
    [
      'tokenizer_config.json: model_max_length is 1e+30, which cuts nothing',
      'tokenizer.json: pads every text to 256 tokens',
    ],
  ),
];

const CODE: readonly RuleCase[] = [
  fails(
    'code-imports',
    'a program started, a module fetched, text run',
    inCode((code) =>
      code.replace(
        'import torch\n',
        'import torch\nimport subprocess\nimport requests as r\neval("1")  # fine\n"eval(1)"\n',
      ),
    ),
    [
      /modeling_reward\.py: line \d+ imports subprocess, which a model has no need of/,
      /modeling_reward\.py: line \d+ imports requests/,
      /modeling_reward\.py: line \d+ runs text as code/,
    ],
  ),
  fails(
    'code-imports',
    'a relative import without its file',
    (dir) => addFile(dir, 'helper.py', 'from .missing import x\nfrom ..above import y\n'),
    [
      'helper.py: line 1 imports .missing, which is no file beside it',
      'helper.py: line 2 imports from ..above: transformers copies one level only',
    ],
  ),
  fails(
    'code-portable',
    'no post_init, and a list of tied weights',
    inCode((code) =>
      code
        .replace('self.post_init()', 'pass')
        .replace('    config_class', '    _tied_weights_keys = ["a"]\n    config_class'),
    ),
    [
      /modeling_reward\.py: never calls self\.post_init\(\)/,
      /modeling_reward\.py: writes _tied_weights_keys as a list/,
    ],
  ),
  fails(
    'code-portable',
    'from_pretrained in __init__',
    inCode((code) =>
      code.replace(
        'self.encoder = ModernBertModel(config)',
        'self.encoder = ModernBertModel.from_pretrained("x")',
      ),
    ),
    [/modeling_reward\.py: calls from_pretrained in __init__/],
  ),
  fails(
    'code-matches',
    'another name of the head',
    inCode((code) => code.replaceAll('self.regressor', 'self.score')),
    ['modeling_reward.py: sets no self.regressor: the tensors of that name would stay random'],
  ),
  warns(
    'code-matches',
    'another length',
    inCode((code) => code.replace('MAX_LENGTH = 256', 'MAX_LENGTH = 512')),
    [
      /modeling_reward\.py: line \d+ is "MAX_LENGTH = 512 .*; for these weights it would be "MAX_LENGTH = 256/,
    ],
  ),
];

const GRAPH: readonly RuleCase[] = [
  fails('onnx-data', 'a path that climbs out', pointAt('location', '../../../etc/passwd'), [
    'model.onnx: reads its weights from "../../../etc/passwd", outside the bundle',
  ]),
  fails('onnx-data', 'an absolute path', pointAt('location', '/etc/passwd'), [
    'model.onnx: reads its weights from "/etc/passwd", outside the bundle',
  ]),
  fails('onnx-data', 'a file that is not there', pointAt('location', 'model.onnx.data'), [
    /model\.onnx: reads \S+ from "model\.onnx\.data", which is not in the bundle/,
  ]),
  fails('onnx-data', 'bytes beyond the end', pointAt('offset', '99999999'), [
    /model\.onnx: reads \S+ from byte 99999999 to \d+ of "model\.safetensors", which has 1417868/,
  ]),
  fails(
    'onnx-io',
    'a fixed length and another output',
    inGraph(({ graph }) => {
      const input = graph?.input[0]?.type?.value;
      const dim = input?.case === 'tensorType' ? input.value.shape?.dim[1] : undefined;
      if (dim !== undefined) dim.value = { case: 'dimValue', value: 128n };
      const [output] = graph?.output ?? [];
      if (output !== undefined) output.name = 'scores';
    }),
    ['model.onnx: takes input_ids of one size only: [?, 128]', 'model.onnx: gives scores, and no logits'],
  ),
  fails('onnx-io', 'no graph at all', (dir) => writeFileSync(join(dir, 'model.onnx'), 'not ONNX at all'), [
    /model\.onnx is no ONNX model: it is cut off or damaged/,
  ]),
  fails(
    'onnx-operators',
    'a domain of its own, and a newer opset',
    inGraph((model) => {
      const [node] = model.graph?.node ?? [];
      if (node !== undefined) node.domain = 'evil.ops';
      for (const one of model.opsetImport) if (one.domain === '') one.version = 99n;
      model.irVersion = 42n;
    }),
    [
      'model.onnx: uses operators of "evil.ops"',
      'model.onnx: needs opset 99; ONNX Runtime 1.22 has 23',
      'model.onnx: is written in IR version 42; ONNX Runtime 1.22 reads up to 10',
    ],
  ),
  fails(
    'onnx-weights',
    'another window in the config',
    inConfig((config) => {
      config.local_attention = 64;
    }),
    ['model.onnx: is not what the export of model.safetensors and config.json gives'],
  ),
];

export const MODEL_CASES: readonly RuleCase[] = [...WEIGHTS, ...CONFIG, ...TOKENIZER, ...CODE, ...GRAPH];
