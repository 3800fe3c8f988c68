import { HubwrightError } from '../errors.ts';
import type { JsonObject } from '../formats/json.ts';
import type { SafetensorsHeader, TensorEntry } from '../formats/safetensors.ts';
import { type ModernBertConfig, readModernBertConfig } from './modernbert-config.ts';
import { EMBEDDING_SUFFIX, listEncoderTensors } from './modernbert-tensors.ts';

/** The last linear layer: pooled state [hidden] → one logit. */
export interface LinearHead {
  /** Its attribute path in the training code's module, such as `regressor` or `head.0`. */
  readonly attribute: string;
  readonly weight: TensorEntry;
  readonly bias: TensorEntry | undefined;
}

/** Every tensor of a checkpoint, accounted for. */
export interface Checkpoint {
  readonly config: ModernBertConfig;
  /** What stands before the encoder's own tensor names, such as `encoder.`; with its dot, or empty. */
  readonly prefix: string;
  /** The encoder's tensors by their names without prefix. */
  readonly encoder: ReadonlyMap<string, TensorEntry>;
  readonly head: LinearHead;
  readonly parameters: number;
}

const WRONG_CONFIG =
  'config.json must describe this very model; layers, biases and head are compared with it';

/**
 * Explains a checkpoint: finds the encoder's prefix and the head, and checks every tensor's shape against the config.
 *
 * @throws HubwrightError INPUT_INVALID or UNSUPPORTED, naming the tensor that is missing, misshapen or unexplained.
 */
export function describeCheckpoint(
  header: SafetensorsHeader,
  rawConfig: JsonObject,
  file = 'model.safetensors',
): Checkpoint {
  const prefix = findEncoderPrefix(header, file);
  const config = readModernBertConfig(rawConfig);
  const rest = new Map(header.tensors);
  const encoder = new Map<string, TensorEntry>();
  for (const [name, shape] of listEncoderTensors(config)) {
    encoder.set(name, takeTensor(rest, prefix + name, shape, file));
  }
  const head = takeHead(rest, config.hiddenSize, file);
  const unexplained = [...rest.keys()];
  if (unexplained.length > 0) {
    throw new HubwrightError(
      'INPUT_INVALID',
      `${file}: ${count(unexplained.length, 'tensor')} not explained by config.json: ${listSome(unexplained)}`,
      { hint: WRONG_CONFIG },
    );
  }
  const parameters = [...header.tensors.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return { config, prefix, encoder, head, parameters };
}

function findEncoderPrefix(header: SafetensorsHeader, file: string): string {
  const found = [...header.tensors.keys()].filter(
    (name) => name === EMBEDDING_SUFFIX || name.endsWith(`.${EMBEDDING_SUFFIX}`),
  );
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only.slice(0, -EMBEDDING_SUFFIX.length);
  if (found.length > 1) {
    throw new HubwrightError('UNSUPPORTED', `${file} holds more than one encoder: ${found.join(', ')}`);
  }
  throw new HubwrightError(
    'UNSUPPORTED',
    `${file} holds no ModernBERT encoder: no tensor is named …${EMBEDDING_SUFFIX}; it begins with ${listSome([...header.tensors.keys()])}`,
    { hint: 'supported so far: ModernBERT encoders with a linear head' },
  );
}

function takeTensor(
  rest: Map<string, TensorEntry>,
  name: string,
  shape: readonly number[],
  file: string,
): TensorEntry {
  const entry = rest.get(name);
  if (entry === undefined) {
    throw new HubwrightError('INPUT_INVALID', `${file}: tensor ${name} [${shape.join(', ')}] is missing`, {
      hint: WRONG_CONFIG,
    });
  }
  if (entry.shape.length !== shape.length || entry.shape.some((dim, axis) => dim !== shape[axis])) {
    throw new HubwrightError(
      'INPUT_INVALID',
      `${file}: tensor ${name} has shape [${entry.shape.join(', ')}]; config.json calls for [${shape.join(', ')}]`,
      { hint: WRONG_CONFIG },
    );
  }
  if (entry.dtype !== 'F32') {
    throw new HubwrightError(
      'UNSUPPORTED',
      `${file}: tensor ${name} is ${entry.dtype}; only F32 can be exported yet`,
      {
        hint: 'save the model in float32: model.float(); trainer.save_model()',
      },
    );
  }
  rest.delete(name);
  return entry;
}

/** The head goes by many names (regressor, score, classifier, head …): it is the one weight of shape [1, hidden] left. */
function takeHead(rest: Map<string, TensorEntry>, hidden: number, file: string): LinearHead {
  const candidates = [...rest.values()].filter(
    ({ name, shape }) =>
      name.endsWith('.weight') && shape.length === 2 && shape[0] === 1 && shape[1] === hidden,
  );
  const [only] = candidates;
  if (candidates.length !== 1 || only === undefined) {
    const found = candidates.length === 0 ? 'none' : candidates.map(({ name }) => name).join(', ');
    throw new HubwrightError(
      'UNSUPPORTED',
      `${file}: expected one head weight of shape [1, ${hidden}] beside the encoder, found ${found}; unexplained: ${listSome([...rest.keys()])}`,
      { hint: 'supported so far: one linear layer from the pooled state to one score' },
    );
  }
  const attribute = only.name.slice(0, -'.weight'.length);
  const weight = takeTensor(rest, only.name, [1, hidden], file);
  const bias = rest.has(`${attribute}.bias`) ? takeTensor(rest, `${attribute}.bias`, [1], file) : undefined;
  return { attribute, weight, bias };
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? ' is' : 's are'}`;
}

function listSome(names: readonly string[]): string {
  const shown = names.slice(0, 6).join(', ');
  return names.length > 6 ? `${shown} and ${names.length - 6} more` : shown === '' ? 'nothing' : shown;
}
