import type { Architecture, EncoderConfig, TensorShapes } from '../architectures/architecture.ts';
import { findArchitecture } from '../architectures/index.ts';
import { HubwrightError } from '../errors.ts';
import type { JsonObject } from '../formats/json.ts';
import type { SafetensorsHeader, TensorEntry } from '../formats/safetensors.ts';
import { type LinearHead, type StockClassifier, takeClassifier, takePlainHead } from './head.ts';
import { listSome, openTensors, WRONG_CONFIG } from './tensor-account.ts';

export type { LinearHead, ResolvedStep, StockClassifier } from './head.ts';

/** Every tensor of a checkpoint, accounted for. */
export interface Checkpoint {
  readonly architecture: Architecture;
  /** The encoder's own `model_type`. */
  readonly modelType: string;
  /** What the names of its transformers classes begin with. */
  readonly className: string;
  readonly config: EncoderConfig;
  /** What stands before the encoder's own tensor names, such as `encoder.`; with its dot, or empty. */
  readonly prefix: string;
  /** The encoder's tensors by their names without prefix. */
  readonly encoder: ReadonlyMap<string, TensorEntry>;
  /** The last linear layer: a pooled state → one logit a label. */
  readonly head: LinearHead;
  /** What stands between pooling and `head` in a stock `…ForSequenceClassification`; undefined in a plain wrapper. */
  readonly classifier: StockClassifier | undefined;
  /** Names of tensors that no score depends on, such as a pooler that the head does not use. */
  readonly unused: readonly string[];
  readonly parameters: number;
}

/**
 * Explains a checkpoint: finds the encoder's prefix and the head, and checks every tensor's shape against the config.
 *
 * @throws HubwrightError INPUT_INVALID or UNSUPPORTED, naming the tensor that is missing, misshapen or unexplained.
 */
export function describeCheckpoint(
  header: Pick<SafetensorsHeader, 'tensors'>,
  rawConfig: JsonObject,
  file = 'model.safetensors',
): Checkpoint {
  const { architecture, modelType, className } = findArchitecture(rawConfig);
  const prefix = findEncoderPrefix(header, architecture, file);
  const config = architecture.readConfig(rawConfig);
  const tensors = architecture.respell?.(header.tensors, prefix) ?? header.tensors;
  const account = openTensors(tensors, file);
  const encoder = new Map<string, TensorEntry>();
  for (const [name, shape] of architecture.listTensors(config)) {
    encoder.set(name, account.take(prefix + name, shape));
  }
  const root = findRoot(prefix, architecture.basePrefix);
  const stockName = `${className}ForSequenceClassification`;
  const isStock = Array.isArray(rawConfig.architectures) && rawConfig.architectures[0] === stockName;
  const stock = isStock && root !== undefined ? architecture.readHead(rawConfig, config) : undefined;
  const classifier = stock && takeClassifier(account, stock, root ?? '', config.hiddenSize, stockName);
  const unused = takeUnused(account, architecture.listUnused(config), prefix);
  const others = root === undefined ? [] : architecture.otherHeads.map((name) => root + name);
  unused.push(...others.filter((name) => account.drop(name)));
  const head = classifier?.output ?? takePlainHead(account, config.hiddenSize);
  const unexplained = account.names();
  if (unexplained.length > 0) {
    throw new HubwrightError(
      'INPUT_INVALID',
      `${file}: ${count(unexplained.length, 'tensor')} not explained by config.json: ${listSome(unexplained)}`,
      { hint: WRONG_CONFIG },
    );
  }
  const parameters = [...header.tensors.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return {
    architecture,
    modelType,
    className,
    config,
    prefix,
    encoder,
    head,
    classifier,
    unused,
    parameters,
  };
}

function findEncoderPrefix(
  header: Pick<SafetensorsHeader, 'tensors'>,
  { embedding, title }: Architecture,
  file: string,
): string {
  const found = [...header.tensors.keys()].filter(
    (name) => name === embedding || name.endsWith(`.${embedding}`),
  );
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only.slice(0, -embedding.length);
  if (found.length > 1) {
    throw new HubwrightError('UNSUPPORTED', `${file} holds more than one encoder: ${found.join(', ')}`);
  }
  throw new HubwrightError(
    'UNSUPPORTED',
    `${file} holds no ${title} encoder: no tensor is named …${embedding}; it begins with ${listSome([...header.tensors.keys()])}`,
    { hint: `config.json says model_type ${title}; it must describe this very model` },
  );
}

/** What stands before the names of a transformers class with a head; undefined where the encoder is not its attribute. */
function findRoot(prefix: string, basePrefix: string): string | undefined {
  const tail = `${basePrefix}.`;
  return prefix === tail || prefix.endsWith(`.${tail}`) ? prefix.slice(0, -tail.length) : undefined;
}

function takeUnused(account: ReturnType<typeof openTensors>, shapes: TensorShapes, prefix: string): string[] {
  const names: string[] = [];
  for (const [name, shape] of shapes) {
    if (account.takeUnused(prefix + name, shape)) names.push(prefix + name);
  }
  return names;
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? ' is' : 's are'}`;
}
