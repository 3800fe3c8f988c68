import { ONNX_FILE } from '../../export/index.ts';
import type { Rule } from '../rule.ts';

/**
 * The graph points at byte offsets of the weights file, and ONNX Runtime does not notice when they are others. Building
 * it again from the same header and config must give the same bytes.
 */
export const onnxWeights: Rule = {
  code: 'onnx-weights',
  title: 'model.onnx is the export of these very weights',
  severity: 'error',
  needs: ['tensors-config'],
  async check({ graphIsExport }) {
    if (await graphIsExport()) return { findings: [] };
    return {
      findings: [
        {
          path: ONNX_FILE,
          message: 'is not what the export of model.safetensors and config.json gives',
          hint: 'export it again: hubwright export <bundle>',
        },
      ],
    };
  },
};
