import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { WRAPPER_SUFFIX } from '../architectures/index.ts';
import type { Checkpoint } from '../checkpoint/index.ts';
import type { Config } from '../config.ts';
import { isPythonName, quotePython } from '../formats/source-text.ts';
import { WEIGHTS_FILE } from '../formats/weights.ts';
import { listTemplateColumns } from '../inference/template.ts';
import { formatRowExpression } from './input-format.ts';
import { accessModule, listPlacements, splitModulePath } from './module-tree.ts';

/** The shim's file name. transformers wants it at the repository's root, its stem a Python identifier. */
export const SHIM_FILE = 'modeling_reward.py';

/**
 * The shim's `model_type`, such as `modernbert_reward`. Not the encoder's own: with the stock name, AutoModel without
 * `trust_remote_code` loads an encoder full of random weights and raises nothing.
 */
export function wrapperModelType({ modelType }: Pick<Checkpoint, 'modelType'>): string {
  return modelType + WRAPPER_SUFFIX;
}

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
  /** Names of the shards, where the weights are in more than one file. */
  readonly weightFiles?: readonly string[];
}

/**
 * Writes `modeling_reward.py` for one checkpoint: one file that needs only torch and transformers 4.48 to 5.x, whose
 * module attributes give exactly the checkpoint's tensor names.
 *
 * @throws HubwrightError UNSUPPORTED for tensor names that no transformers model can have.
 */
export function renderShim({ checkpoint, config, weightFiles = [] }: ShimSource): string {
  const { architecture, className } = checkpoint;
  const encoderPath = checkpoint.prefix.replace(/\.$/, '');
  const headPath = checkpoint.head.attribute;
  const inheritsEncoder = encoderPath === '';
  const hasBias = checkpoint.head.bias !== undefined;
  const isPooler = (name: string) => name.startsWith(`${checkpoint.prefix}pooler.`);
  const hasPooler = checkpoint.unused.some(isPooler);
  const poolerArgument = hasPooler ? ', add_pooling_layer=True' : ', add_pooling_layer=False';
  const takesPooler = architecture.poolerDefault !== undefined;
  const needsArgument = takesPooler && architecture.poolerDefault !== hasPooler;
  const encoderArguments = `config${needsArgument ? poolerArgument : ''}`;
  const placements = [
    ...(inheritsEncoder ? [] : [{ path: encoderPath, expression: `${className}Model(${encoderArguments})` }]),
    { path: headPath, expression: `nn.Linear(config.hidden_size, 1${hasBias ? '' : ', bias=False'})` },
  ];
  return template({
    title: architecture.title,
    needs: architecture.needs,
    shards: weightFiles.some((name) => name !== WEIGHTS_FILE) ? weightFiles : [],
    className,
    stockType: checkpoint.modelType,
    superArguments: inheritsEncoder ? encoderArguments : 'config',
    takesPositions: architecture.takesNoPositions !== true,
    // Tensors of the checkpoint that no module of the shim has.
    left: checkpoint.unused.filter((name) => !(takesPooler && isPooler(name))),
    poolingWords: POOLING_WORDS[config.head.pooling],
    meanPooling: config.head.pooling === 'mean',
    maxPooling: config.head.pooling === 'max',
    sigmoid: config.head.activation === 'sigmoid',
    baseModel: config.baseModel,
    maxLength: config.input.maxLength,
    columnWords: listTemplateColumns(config.input.template).map(quotePython).join(', '),
    formatExpression: formatRowExpression(config.input.template),
    modelType: wrapperModelType(checkpoint),
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

const POOLING_WORDS = { mean: 'mean pooling', max: 'max pooling', cls: 'the [CLS] state' } as const;

function splitFirst(path: string): string | undefined {
  return path.split('.')[0];
}

const handlebars = Handlebars.create();
handlebars.registerHelper('py', quotePython);
handlebars.registerHelper('pyPattern', (name: string) => quotePython(`^${name.replaceAll('.', '\\.')}$`));

const template = handlebars.compile(
  readFileSync(new URL('../../templates/modeling_reward.py.hbs', import.meta.url), 'utf8'),
  { noEscape: true, strict: true },
);
