import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rule, RuleFinding } from '../rule.ts';

const REQUIRED = [
  'README.md',
  'config.json',
  'hubwright.json',
  'model.onnx',
  'model.safetensors',
  'modeling_reward.py',
  'test_metrics.json',
  'test_predictions.csv',
  'test_set.csv',
  'tokenizer.json',
  'tokenizer_config.json',
];

export const requiredFiles: Rule = {
  code: 'required-files',
  title: 'no file is missing or empty',
  severity: 'error',
  async check({ dir, files }) {
    const hint = 'assemble the bundle again: hubwright assemble <run-dir>';
    const findings: RuleFinding[] = [];
    for (const path of REQUIRED) {
      if (!files.includes(path)) findings.push({ path, message: 'is missing', hint });
    }
    for (const path of files) {
      if ((await stat(join(dir, path))).size === 0) findings.push({ path, message: 'is empty', hint });
    }
    return { findings };
  },
};
