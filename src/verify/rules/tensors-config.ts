import { requireOneLabel } from '../../checkpoint/labels.ts';
import { HubwrightError } from '../../errors.ts';
import type { Rule } from '../rule.ts';

export const tensorsConfig: Rule = {
  code: 'tensors-config',
  title: 'config.json explains every tensor',
  group: 'weights',
  severity: 'error',
  explanation:
    '`config.json` explains every tensor: none missing, none left over, every shape and type as the config calls for. A config of another model would otherwise load with random or ignored weights.',
  fix: 'use the config.json that the encoder was trained with',
  cheap: true,
  needs: ['json-strict', 'safetensors-header'],
  async check({ checkpoint, config }) {
    const { onnx } = await config();
    const found = await checkpoint().catch((error: unknown) => {
      if (onnx.file === undefined || !(error instanceof HubwrightError)) throw error;
      return error;
    });
    // onnx-weights then ties the tensors to the graph.
    if (found instanceof Error)
      return { skipped: `the author's own model.onnx says what it computes: ${found.message}` };
    requireOneLabel(found);
    return { findings: [] };
  },
};
