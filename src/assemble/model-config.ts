import type { Checkpoint } from '../checkpoint/index.ts';
import { KNOWN_BASES } from '../checkpoint/known-bases.ts';
import type { Config } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import type { JsonObject } from '../formats/json.ts';
import type { SpelledObject } from '../formats/spelled-json.ts';
import { autoMap, wrapperModelType } from '../shim/index.ts';

const ONE_LABEL = { id2label: { '0': 'REWARD' }, label2id: { REWARD: 0 } };

/**
 * The encoder settings for a run that left no `config.json`: those of its base model, if that is a known one.
 *
 * @throws HubwrightError INPUT_MISSING
 */
export function baseModelConfig(baseModel: string | undefined): JsonObject {
  const known = baseModel === undefined ? undefined : KNOWN_BASES[baseModel.toLowerCase()];
  if (known !== undefined) return known;
  const why =
    baseModel === undefined
      ? 'hubwright.json names no baseModel to take it from'
      : `the settings of ${baseModel} are not known to Hubwright`;
  throw new HubwrightError('INPUT_MISSING', `the run folder has no config.json, and ${why}`, {
    hint: "copy the encoder's config.json there: model.encoder.config.save_pretrained(run_dir)",
  });
}

/**
 * The repository's `config.json`: the encoder's own settings, readable by transformers 4 and 5, and what maps the
 * auto classes to the shim. A stock `model_type` would let AutoModel load an encoder of random weights without a word;
 * only a stock class, which transformers loads whole, keeps it.
 */
export function makeModelConfig(
  raw: SpelledObject,
  checkpoint: Checkpoint | undefined,
  config: Config,
): SpelledObject {
  const isWrapper = checkpoint !== undefined && checkpoint.classifier === undefined;
  return {
    ...keepSettings(raw),
    ...(checkpoint === undefined
      ? { ...keepCode(raw), ...spellForAll(undefined) }
      : describeClass(checkpoint, config)),
    // A wrapper of the run's own names its label as its code does; transformers' classes keep the run's name.
    ...(isWrapper || raw.id2label === undefined ? ONE_LABEL : {}),
    // With one label, these make transformers, CrossEncoder, TEI, vLLM and transformers.js apply the sigmoid once.
    ...(config.head.activation === 'sigmoid'
      ? {
          problem_type: 'multi_label_classification',
          sentence_transformers: { activation_fn: 'torch.nn.modules.activation.Sigmoid' },
        }
      : {
          problem_type: 'regression',
          sentence_transformers: { activation_fn: 'torch.nn.modules.linear.Identity' },
        }),
  };
}

/** The class that loads the model, and its settings in every spelling. */
function describeClass(checkpoint: Checkpoint, { head }: Config): SpelledObject {
  const { classifier: stock, modelType } = checkpoint;
  const spelled = spellForAll(checkpoint);
  if (stock !== undefined) return { architectures: [stock.className], model_type: modelType, ...spelled };
  return {
    architectures: ['BERTRewardModel'],
    auto_map: autoMap(),
    model_type: wrapperModelType(checkpoint),
    ...spelled,
    // A stock head says itself how it pools; and ModernBERT's settings know no maximum.
    ...(head.pooling === 'max' ? {} : { classifier_pooling: head.pooling }),
  };
}

/** `config.json` of the encoder alone, under its own `model_type`: transformers' own class loads it, without a head. */
export function makeEncoderConfig(raw: SpelledObject, checkpoint: Checkpoint): SpelledObject {
  return {
    ...keepSettings(raw),
    architectures: [`${checkpoint.className}Model`],
    model_type: checkpoint.modelType,
    ...spellForAll(checkpoint),
  };
}

/** The run's settings without what only it or its version of transformers can use. */
function keepSettings(raw: SpelledObject): SpelledObject {
  const { _name_or_path: _, transformers_version: __, auto_map: ___, ...kept } = raw;
  return kept;
}

/** Where a model's own code is, for one whose code Hubwright does not write. */
function keepCode({ auto_map: map }: SpelledObject): SpelledObject {
  return map === undefined ? {} : { auto_map: map };
}

/** What transformers 4 and 5 read by different names. Scores are float32's, whatever the weights are stored in. */
function spellForAll(checkpoint: Checkpoint | undefined): SpelledObject {
  const spelled = checkpoint?.architecture.spellForBoth?.(checkpoint.config) ?? {};
  return { ...spelled, torch_dtype: 'float32', dtype: 'float32' };
}
