import type { Rule } from '../rule.ts';

const TOO_MANY = 0.1;

export const fewTruncated: Rule = {
  code: 'few-truncated',
  title: 'few test rows are cut off',
  group: 'inference',
  severity: 'warning',
  explanation:
    'At most one test row in ten is longer than `input.maxLength` and loses its end. Of such a row the model never sees all, and what it misses is always the same part.',
  fix: 'train with a larger maximum length, or put the part that matters first in input.template; if it is meant so, ignore this rule and say so',
  cheap: false,
  needs: ['csv-schema', 'tokenizer-loads', 'safetensors-header', 'onnx-data', 'onnx-operators'],
  async check({ measurement, config }) {
    const { truncatedRows, test } = await measurement();
    const share = truncatedRows / test.labels.length;
    const margin = {
      what: 'the share of rows that are cut off',
      actual: Number(share.toPrecision(3)),
      limit: TOO_MANY,
    };
    if (share <= TOO_MANY) return { findings: [], margin };
    const { maxLength } = (await config()).input;
    const message = `${truncatedRows} of ${test.labels.length} rows are longer than ${maxLength} tokens and lose their end`;
    return { findings: [{ path: 'test_set.csv', message }], margin };
  },
};
