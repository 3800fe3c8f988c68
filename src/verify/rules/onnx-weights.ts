import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildOnnx, ONNX_FILE } from '../../export/index.ts';
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
  async check({ dir, checkpoint, config }) {
    const { head } = await config();
    const expected = buildOnnx(await checkpoint(), { pooling: head.pooling });
    const actual = await readFile(join(dir, ONNX_FILE));
    if (actual.equals(expected)) return { findings: [] };
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
