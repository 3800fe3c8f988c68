import type { StockHead } from '../architectures/architecture.ts';
import { HubwrightError } from '../errors.ts';
import type { TensorEntry } from '../formats/safetensors.ts';
import type { Activation } from '../graph/activation.ts';
import type { Linear } from '../graph/layers.ts';
import { listSome, type TensorAccount } from './tensor-account.ts';

/** The last linear layer: pooled state [hidden] → one logit a label. */
export interface LinearHead {
  /** Its attribute path in the training code's module, such as `regressor` or `head.0`. */
  readonly attribute: string;
  readonly weight: TensorEntry;
  readonly bias: TensorEntry | undefined;
  /** How many logits it gives: 1 for a model of one score. */
  readonly labels: number;
}

/** A step of a stock head with its tensors. */
export type ResolvedStep =
  | { readonly kind: 'linear'; readonly layer: Linear }
  | { readonly kind: 'norm'; readonly layer: Linear; readonly epsilon: number }
  | { readonly kind: 'activation'; readonly activation: Activation };

/** The head of a stock `…ForSequenceClassification`. */
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
 * @throws HubwrightError INPUT_INVALID
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
  const weight = account.take(`${attribute}.weight`, [labels, hidden]);
  const bias = account.take(`${attribute}.bias`, [labels]);
  return { className, pooling: head.pooling, steps, output: { attribute, weight, bias, labels } };
}

/**
 * The head goes by many names (regressor, score, classifier, head …): it is the one weight of shape [1, hidden] left, or
 * else the one of [labels, hidden] with fewer labels than that.
 */
export function takePlainHead(account: TensorAccount, hidden: number): LinearHead {
  const names = account.names();
  const listHeads = (fits: (labels: number) => boolean) =>
    names.filter((name) => {
      const [labels = 0, width, ...more] = account.get(name)?.shape ?? [];
      return name.endsWith('.weight') && width === hidden && more.length === 0 && fits(labels);
    });
  const single = listHeads((labels) => labels === 1);
  const candidates = single.length > 0 ? single : listHeads((labels) => labels > 1 && labels < hidden);
  const [only] = candidates;
  if (candidates.length !== 1 || only === undefined) {
    const found = candidates.length === 0 ? 'none' : candidates.join(', ');
    throw new HubwrightError(
      'UNSUPPORTED',
      `${account.file}: expected one head weight of shape [1, ${hidden}] or [labels, ${hidden}] beside the encoder, found ${found}; unexplained: ${listSome(names)}`,
      {
        hint: 'supported: one linear layer from the pooled state to the scores, and heads of transformers, where config.json names their class in architectures; for any other model, bring your own ONNX file: --onnx <file>',
      },
    );
  }
  const attribute = only.slice(0, -'.weight'.length);
  const labels = account.get(only)?.shape[0] ?? 1;
  const weight = account.take(only, [labels, hidden]);
  const bias =
    account.get(`${attribute}.bias`) === undefined ? undefined : account.take(`${attribute}.bias`, [labels]);
  return { attribute, weight, bias, labels };
}
