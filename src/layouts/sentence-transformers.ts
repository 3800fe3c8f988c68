import type { Checkpoint } from '../checkpoint/index.ts';
import type { Config } from '../config.ts';
import type { TensorEntry } from '../formats/safetensors.ts';
import { WEIGHTS_FILE, type Weights } from '../formats/weights.ts';

/** What marks a repository that has this layout. */
export const MODULES_FILE = 'modules.json';
const TRANSFORMER = '0_Transformer';
const POOLING = '1_Pooling';
const DENSE = '2_Dense';
const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'];

/** The encoder's settings; what they say is the checkpoint's, and not the layout's. */
export const ENCODER_CONFIG = `${TRANSFORMER}/config.json`;

/** The files of a layout beside the model, by path. */
export interface Layout {
  readonly documents: Readonly<Record<string, unknown>>;
  /** Files of weights: their tensors' names there, and where the model has each. */
  readonly weights: Readonly<Record<string, ReadonlyMap<string, TensorEntry>>>;
  /** Copies of files at the root. */
  readonly copies: Readonly<Record<string, string>>;
}

/**
 * The sentence-transformers layout of a wrapper: encoder, pooling, and a dense layer with the activation. The modules
 * go by the names that every version since 2 knows; 5.4 and later map them to where the classes are now.
 *
 * @param weights the tensors of the model, under their own names
 */
export function describeLayout(weights: Weights, checkpoint: Checkpoint, config: Config): Layout {
  const { head } = checkpoint;
  return {
    documents: {
      [MODULES_FILE]: [TRANSFORMER, POOLING, DENSE].map((path, idx) => ({
        idx,
        name: `${idx}`,
        path,
        type: `sentence_transformers.models.${path.slice(2)}`,
      })),
      'config_sentence_transformers.json': {
        model_type: 'SentenceTransformer',
        prompts: {},
        default_prompt_name: null,
      },
      [`${TRANSFORMER}/sentence_bert_config.json`]: {
        max_seq_length: config.input.maxLength,
        do_lower_case: false,
      },
      [`${POOLING}/config.json`]: describePooling(checkpoint, config),
      [`${DENSE}/config.json`]: describeDense(checkpoint, config),
    },
    weights: {
      [`${TRANSFORMER}/${WEIGHTS_FILE}`]: listEncoderTensors(weights, checkpoint),
      [`${DENSE}/${WEIGHTS_FILE}`]: new Map([
        ['linear.weight', head.weight],
        ...(head.bias === undefined ? [] : [['linear.bias', head.bias] as const]),
      ]),
    },
    copies: Object.fromEntries(TOKENIZER_FILES.map((name) => [`${TRANSFORMER}/${name}`, name])),
  };
}

function describePooling(checkpoint: Checkpoint, { head: { pooling } }: Config): object {
  return {
    word_embedding_dimension: checkpoint.config.hiddenSize,
    pooling_mode_cls_token: pooling === 'cls',
    pooling_mode_mean_tokens: pooling === 'mean',
    pooling_mode_max_tokens: pooling === 'max',
    pooling_mode_mean_sqrt_len_tokens: false,
  };
}

function describeDense({ head, config }: Checkpoint, { head: { activation } }: Config): object {
  return {
    in_features: config.hiddenSize,
    out_features: 1,
    bias: head.bias !== undefined,
    activation_function: `torch.nn.modules.${activation === 'sigmoid' ? 'activation.Sigmoid' : 'linear.Identity'}`,
  };
}

/** Under the names of the encoder's own class. A pooler that no score needs is one that class would else make up. */
function listEncoderTensors(
  { tensors }: Weights,
  { prefix, encoder, unused }: Checkpoint,
): ReadonlyMap<string, TensorEntry> {
  const named = new Map(encoder);
  for (const name of unused.filter((name) => name.startsWith(`${prefix}pooler.`))) {
    const entry = tensors.get(name);
    if (entry !== undefined) named.set(name.slice(prefix.length), entry);
  }
  return named;
}
