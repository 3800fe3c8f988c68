import { ONNX_FILE } from '../../export/index.ts';
import type { Rule } from '../rule.ts';

/**
 * The graph points at byte offsets of the weights file, and ONNX Runtime does not notice when they are others. Building
 * it again from the same header and config must give the same bytes.
 */
export const onnxWeights: Rule = {
  code: 'onnx-weights',
  title: 'model.onnx is the export of these very weights',
  group: 'graph',
  severity: 'error',
  explanation:
    '`model.onnx` is, byte for byte, what the export of these very weights and this config gives. The graph points at byte offsets of `model.safetensors`, which move when that file is saved again, and ONNX Runtime does not notice.',
  fix: 'export it again: hubwright export <bundle>',
  cheap: true,
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
