import type { StockHead } from '../architectures/architecture.ts';
import { HubwrightError } from '../errors.ts';
import type { TensorEntry } from '../formats/safetensors.ts';
import type { Activation } from '../graph/activation.ts';
import type { Linear } from '../graph/layers.ts';
import { listSome, type TensorAccount } from './tensor-account.ts';

/** The last linear layer: pooled state [hidden] → one logit. */
export interface LinearHead {
  /** Its attribute path in the training code's module, such as `regressor` or `head.0`. */
  readonly attribute: string;
  readonly weight: TensorEntry;
  readonly bias: TensorEntry | undefined;
}

/** A step of a stock head with its tensors. */
export type ResolvedStep =
  | { readonly kind: 'linear'; readonly layer: Linear }
  | { readonly kind: 'norm'; readonly layer: Linear; readonly epsilon: number }
  | { readonly kind: 'activation'; readonly activation: Activation };

/** The head of a stock `…ForSequenceClassification` with one label. */
export interface StockClassifier {
  /** The transformers class, such as `BertForSequenceClassification`. */
  readonly className: string;
  readonly pooling: StockHead['pooling'];
  /** From the pooled state to the input of `output`. */
  readonly steps: readonly ResolvedStep[];
  readonly output: LinearHead;
}

/**
 * Takes a stock head's tensors.
 *
 * @param root what stands before the names of the transformers class
 * @throws HubwrightError INPUT_INVALID, or UNSUPPORTED for more than one label.
 */
export function takeClassifier(
  account: TensorAccount,
  head: StockHead,
  root: string,
  hidden: number,
  className: string,
): StockClassifier {
  const takeBias = (name: string, bias: boolean) =>
    bias ? account.take(`${root}${name}.bias`, [hidden]) : undefined;
  const steps = head.steps.map((step): ResolvedStep => {
    if (step.kind === 'activation') return step;
    const shape = step.kind === 'linear' ? [hidden, hidden] : [hidden];
    const weight = account.take(`${root}${step.name}.weight`, shape);
    const layer = { weight, bias: takeBias(step.name, step.bias) };
    return step.kind === 'linear'
      ? { kind: 'linear', layer }
      : { kind: 'norm', layer, epsilon: step.epsilon };
  });
  const attribute = root + head.output;
  const labels = account.get(`${attribute}.weight`)?.shape[0] ?? 1;
  if (labels !== 1) {
    throw new HubwrightError(
      'UNSUPPORTED',
      `${account.file}: ${attribute}.weight has ${labels} labels; only models that give one score a row are supported`,
      { hint: 'train with num_labels=1' },
    );
  }
  const weight = account.take(`${attribute}.weight`, [1, hidden]);
  const bias = account.take(`${attribute}.bias`, [1]);
  return { className, pooling: head.pooling, steps, output: { attribute, weight, bias } };
}

/** The head goes by many names (regressor, score, classifier, head …): it is the one weight of shape [1, hidden] left. */
export function takePlainHead(account: TensorAccount, hidden: number): LinearHead {
  const names = account.names();
  const candidates = names.filter((name) => {
    const shape = account.get(name)?.shape ?? [];
    return name.endsWith('.weight') && shape.length === 2 && shape[0] === 1 && shape[1] === hidden;
  });
  const [only] = candidates;
  if (candidates.length !== 1 || only === undefined) {
    const found = candidates.length === 0 ? 'none' : candidates.join(', ');
    throw new HubwrightError(
      'UNSUPPORTED',
      `${account.file}: expected one head weight of shape [1, ${hidden}] beside the encoder, found ${found}; unexplained: ${listSome(names)}`,
      {
        hint: 'supported: one linear layer from the pooled state to one score, and heads of transformers with num_labels=1, where config.json names their class in architectures',
      },
    );
  }
  const attribute = only.slice(0, -'.weight'.length);
  const weight = account.take(only, [1, hidden]);
  const bias =
    account.get(`${attribute}.bias`) === undefined ? undefined : account.take(`${attribute}.bias`, [1]);
  return { attribute, weight, bias };
}
