import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import type { Checkpoint } from '../checkpoint/index.ts';
import type { Config } from '../config.ts';
import { isPythonName, quotePython } from '../formats/source-text.ts';
import { listTemplateColumns } from '../inference/template.ts';
import { formatRowExpression } from './input-format.ts';
import { accessModule, listPlacements, splitModulePath } from './module-tree.ts';

/** The shim's file name. transformers wants it at the repository's root, its stem a Python identifier. */
export const SHIM_FILE = 'modeling_reward.py';

/**
 * The shim's `model_type`. Not `modernbert`: with the stock name, AutoModel without `trust_remote_code` loads an encoder
 * full of random weights and raises nothing.
 */
export const MODEL_TYPE = 'modernbert_reward';

/** `auto_map` of config.json. transformers looks up the class by the Auto class that the caller used, so all are here. */
export function autoMap(): Record<string, string> {
  return {
    AutoConfig: 'modeling_reward.BERTRewardConfig',
    AutoModel: 'modeling_reward.BERTRewardModel',
    AutoModelForSequenceClassification: 'modeling_reward.BERTRewardModel',
  };
}

export interface ShimSource {
  readonly checkpoint: Checkpoint;
  readonly config: Config;
}

/**
 * Writes `modeling_reward.py` for one checkpoint: one file that needs only torch and transformers 4.48 to 5.x, whose
 * module attributes give exactly the checkpoint's tensor names.
 *
 * @throws HubwrightError UNSUPPORTED for tensor names that no transformers model can have.
 */
export function renderShim({ checkpoint, config }: ShimSource): string {
  const encoderPath = checkpoint.prefix.replace(/\.$/, '');
  const headPath = checkpoint.head.attribute;
  const inheritsEncoder = encoderPath === '';
  const hasBias = checkpoint.head.bias !== undefined;
  const placements = [
    ...(inheritsEncoder ? [] : [{ path: encoderPath, expression: 'ModernBertModel(config)' }]),
    { path: headPath, expression: `nn.Linear(config.hidden_size, 1${hasBias ? '' : ', bias=False'})` },
  ];
  return template({
    poolingWords: config.head.pooling === 'mean' ? 'mean pooling' : 'the [CLS] state',
    meanPooling: config.head.pooling === 'mean',
    sigmoid: config.head.activation === 'sigmoid',
    baseModel: config.baseModel,
    maxLength: config.input.maxLength,
    columnWords: listTemplateColumns(config.input.template).map(quotePython).join(', '),
    formatExpression: formatRowExpression(config.input.template),
    modelType: MODEL_TYPE,
    inheritsEncoder,
    // transformers takes this for an attribute's name; where the encoder lies deeper there is none to give.
    baseModelPrefix: isPythonName(encoderPath) ? encoderPath : '',
    hidesBaseModel: splitFirst(encoderPath) === 'base_model',
    statements: listPlacements(placements),
    encoder: inheritsEncoder ? 'self' : accessModule(encoderPath),
    head: accessModule(headPath),
    headRoot: splitModulePath(headPath)[0],
    headBias: hasBias,
  });
}

function splitFirst(path: string): string | undefined {
  return path.split('.')[0];
}

const handlebars = Handlebars.create();
handlebars.registerHelper('py', quotePython);

const template = handlebars.compile(
  readFileSync(new URL('../../templates/modeling_reward.py.hbs', import.meta.url), 'utf8'),
  { noEscape: true, strict: true },
);
