import type { RuleOutcome } from './rule.ts';

/** In logits. float32 in another order moves a logit by some 1e-6; a wrong mask by 1e-2 and more. */
const LIMIT = 1e-4;

/** Says of a difference between logits that ought to be the same whether it is noise. */
export function judgeDifference(
  { difference, length }: { readonly difference: number; readonly length: number },
  message: (difference: string, length: number) => string,
  limit = LIMIT,
): RuleOutcome {
  if (Number.isNaN(difference)) {
    return { findings: [{ path: 'model.onnx', message: `gives NaN for a text of ${length} tokens` }] };
  }
  const margin = { what: 'the largest difference of a logit', actual: difference, limit };
  if (difference <= limit) return { findings: [], margin };
  return { findings: [{ path: 'model.onnx', message: message(difference.toPrecision(2), length) }], margin };
}
