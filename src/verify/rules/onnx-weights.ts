import { ONNX_FILE } from '../../export/index.ts';
import { compareWeights } from '../own-graph.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** Names of tensors that a message shows. */
const SHOWN = 3;

/**
 * The graph points at byte offsets of the weights file, and ONNX Runtime does not notice when they are others. Building
 * it again from the same header and config must give the same bytes. An author's own graph holds weights of its own.
 */
export const onnxWeights: Rule = {
  code: 'onnx-weights',
  title: 'model.onnx is the export of these very weights',
  group: 'graph',
  severity: 'error',
  explanation:
    "`model.onnx` is, byte for byte, what the export of these very weights and this config gives. The graph points at byte offsets of `model.safetensors`, which move when that file is saved again, and ONNX Runtime does not notice. Where `onnx.file` says that the graph is the author's own, every tensor of the checkpoint must be found in it, value for value, as it is or transposed: else what is verified is another model than PyTorch loads.",
  fix: 'export it again: hubwright export <bundle>',
  cheap: true,
  needs: ['safetensors-header'],
  async check({ dir, config, checkpoint, graphIsExport, header }) {
    if ((await config()).onnx.file !== undefined) return { findings: await judgeOwn(dir, await header()) };
    // An error of the checkpoint is told by the rule about it.
    if (
      await checkpoint().then(
        () => false,
        () => true,
      )
    )
      return { skipped: 'needs tensors-config' };
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

async function judgeOwn(dir: string, weights: Parameters<typeof compareWeights>[1]): Promise<RuleFinding[]> {
  const { missing, compared } = await compareWeights(dir, weights);
  if (missing.length === 0) return [];
  const shown = missing.slice(0, SHOWN).join(', ');
  const names = missing.length > SHOWN ? `${shown} and ${missing.length - SHOWN} more` : shown;
  return [
    {
      path: ONNX_FILE,
      message: `does not hold the values of ${missing.length} of the checkpoint's ${compared} tensors: ${names}`,
      hint: 'export it again from these weights, in float32; where the graph needs none of these tensors, ignore onnx-weights in verify.ignore and say so',
    },
  ];
}
