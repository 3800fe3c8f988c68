import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WEIGHTS_FILE, WEIGHTS_INDEX_FILE } from '../../formats/weights.ts';
import { SHIM_FILE } from '../../shim/index.ts';
import type { Rule, RuleFinding } from '../rule.ts';

const REQUIRED = [
  'README.md',
  'config.json',
  'hubwright.json',
  'model.onnx',
  'test_metrics.json',
  'test_predictions.csv',
  'test_set.csv',
  'tokenizer.json',
  'tokenizer_config.json',
];

export const requiredFiles: Rule = {
  code: 'required-files',
  title: 'no file is missing or empty',
  group: 'files',
  severity: 'error',
  explanation: 'The files that every bundle needs are there, and none is empty.',
  fix: 'assemble the bundle again: hubwright assemble <run-dir>',
  cheap: true,
  async check({ dir, files, checkpoint, config }) {
    // Only a model of a stock class does without code. Weights that cannot be explained are another rule's finding, but
    // where the author's own graph stands for them, so does the author's own class.
    const isOwn = await config().then(
      ({ onnx }) => onnx.file !== undefined,
      () => false,
    );
    const needsCode = await checkpoint().then(
      ({ classifier }) => classifier === undefined,
      () => !isOwn,
    );
    const weights = files.includes(WEIGHTS_INDEX_FILE) ? WEIGHTS_INDEX_FILE : WEIGHTS_FILE;
    const required = [...REQUIRED, weights, ...(needsCode ? [SHIM_FILE] : [])].sort();
    const hint = 'assemble the bundle again: hubwright assemble <run-dir>';
    const findings: RuleFinding[] = [];
    for (const path of required) {
      if (!files.includes(path)) findings.push({ path, message: 'is missing', hint });
    }
    for (const path of files) {
      if ((await stat(join(dir, path))).size === 0) findings.push({ path, message: 'is empty', hint });
    }
    return { findings };
  },
};
