import { createReadStream } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../checkpoint/index.ts';
import type { Config } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { formatJson } from '../formats/json.ts';
import type { TensorEntry } from '../formats/safetensors.ts';
import { type TensorSource, writeSafetensors } from '../formats/safetensors-writer.ts';
import { formatSpelledJson, type SpelledObject } from '../formats/spelled-json.ts';
import { WEIGHTS_FILE, type Weights } from '../formats/weights.ts';
import { makeEncoderConfig } from './model-config.ts';

const TRANSFORMER = '0_Transformer';
const POOLING = '1_Pooling';
const DENSE = '2_Dense';
const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'];

// The names that every version since 2 knows; version 5.4 and later map them to where the classes are now.
const MODULES = [
  ['Transformer', TRANSFORMER],
  ['Pooling', POOLING],
  ['Dense', DENSE],
] as const;

export interface LayoutSource {
  /** The run's `config.json`. */
  readonly raw: SpelledObject;
  readonly weights: Weights;
  readonly checkpoint: Checkpoint;
  readonly config: Config;
}

/**
 * Adds the sentence-transformers layout to a bundle: encoder, pooling and a dense layer with the activation, which
 * `SentenceTransformer(repo).encode(texts)[:, 0]` turns into scores without any code of the repository. The encoder lies
 * in a folder of its own, since the settings at the root name a class that needs such code; so its weights are there
 * twice, under the names that the encoder's own class gives them.
 *
 * @throws HubwrightError UNSUPPORTED for a head that these modules cannot express
 */
export async function writeSentenceTransformers(
  dir: string,
  { raw, weights, checkpoint, config }: LayoutSource,
): Promise<void> {
  if (checkpoint.classifier !== undefined) {
    throw new HubwrightError(
      'UNSUPPORTED',
      `layouts: sentence-transformers has no modules for the head of ${checkpoint.classifier.className}`,
      { hint: 'leave that layout out of hubwright.json: this model loads without remote code as it is' },
    );
  }
  await writeFile(
    join(dir, 'modules.json'),
    formatJson(
      MODULES.map(([name, path], idx) => ({
        idx,
        name: `${idx}`,
        path,
        type: `sentence_transformers.models.${name}`,
      })),
    ),
  );
  await writeFile(
    join(dir, 'config_sentence_transformers.json'),
    formatJson({ model_type: 'SentenceTransformer', prompts: {}, default_prompt_name: null }),
  );
  await writeTransformer(dir, { raw, weights, checkpoint, config });
  await writePooling(dir, checkpoint, config);
  await writeDense(dir, checkpoint, config);
}

async function writeTransformer(
  dir: string,
  { raw, weights, checkpoint, config }: LayoutSource,
): Promise<void> {
  const folder = join(dir, TRANSFORMER);
  await mkdir(folder, { recursive: true });
  const { prefix, encoder, unused } = checkpoint;
  // A pooler that no score needs is still one that the encoder's class would otherwise make up, and warn of.
  const poolers = unused.filter((name) => name.startsWith(`${prefix}pooler.`));
  const spare = poolers.flatMap((name) => {
    const entry = weights.tensors.get(name);
    return entry === undefined ? [] : [[name.slice(prefix.length), entry] as const];
  });
  const tensors = [...encoder, ...spare].map(([name, entry]) => copyTensor(dir, name, entry));
  await writeSafetensors(join(folder, WEIGHTS_FILE), tensors);
  await writeFile(join(folder, 'config.json'), formatSpelledJson(makeEncoderConfig(raw, checkpoint)));
  await writeFile(
    join(folder, 'sentence_bert_config.json'),
    formatJson({ max_seq_length: config.input.maxLength, do_lower_case: false }),
  );
  for (const name of TOKENIZER_FILES) await copyFile(join(dir, name), join(folder, name));
}

async function writePooling(dir: string, checkpoint: Checkpoint, config: Config): Promise<void> {
  const { pooling } = config.head;
  await mkdir(join(dir, POOLING), { recursive: true });
  await writeFile(
    join(dir, POOLING, 'config.json'),
    formatJson({
      word_embedding_dimension: checkpoint.config.hiddenSize,
      pooling_mode_cls_token: pooling === 'cls',
      pooling_mode_mean_tokens: pooling === 'mean',
      pooling_mode_max_tokens: pooling === 'max',
      pooling_mode_mean_sqrt_len_tokens: false,
    }),
  );
}

async function writeDense(dir: string, { head, config: encoder }: Checkpoint, config: Config): Promise<void> {
  await mkdir(join(dir, DENSE), { recursive: true });
  const activation = config.head.activation === 'sigmoid' ? 'activation.Sigmoid' : 'linear.Identity';
  await writeFile(
    join(dir, DENSE, 'config.json'),
    formatJson({
      in_features: encoder.hiddenSize,
      out_features: 1,
      bias: head.bias !== undefined,
      activation_function: `torch.nn.modules.${activation}`,
    }),
  );
  await writeSafetensors(join(dir, DENSE, WEIGHTS_FILE), [
    copyTensor(dir, 'linear.weight', head.weight),
    ...(head.bias === undefined ? [] : [copyTensor(dir, 'linear.bias', head.bias)]),
  ]);
}

/** A tensor of the bundle's weights under another name, read when it is written. */
function copyTensor(
  dir: string,
  name: string,
  { dtype, shape, offset, byteLength, file }: TensorEntry,
): TensorSource {
  const path = join(dir, file ?? WEIGHTS_FILE);
  const data = {
    [Symbol.asyncIterator]: () =>
      createReadStream(path, { start: offset, end: offset + byteLength - 1, highWaterMark: 1 << 20 })[
        Symbol.asyncIterator
      ](),
  };
  return { name, dtype, shape, bytes: byteLength, data };
}
