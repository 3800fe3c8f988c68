import type { Rule } from './rule.ts';

/** When a rule that asks the model about sequences of its own may run it: files that can be read, and a graph that is safe. */
export const WHEN_RUNNABLE = {
  needs: [
    'json-strict',
    'safetensors-header',
    'tokenizer-loads',
    'csv-schema',
    'onnx-data',
    'onnx-operators',
  ],
  haltedBy: ['tensors-config'],
} as const satisfies Pick<Rule, 'needs' | 'haltedBy'>;
