import { judgeContract } from '../../graph/contract.ts';
import { listOnnxFiles, readOnnx } from '../onnx-files.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const onnxIo: Rule = {
  code: 'onnx-io',
  title: 'every graph takes and gives what readers expect',
  group: 'graph',
  severity: 'error',
  explanation:
    'Every ONNX file takes `input_ids` and `attention_mask`, int64 and free in batch and length, and gives `logits`, [batch, 1]: the names that text-embeddings-inference, transformers.js and optimum look for. A fixed length would refuse or pad every other text.',
  fix: 'export it again: hubwright export <bundle>',
  cheap: true,
  needs: ['required-files'],
  async check({ dir, files }) {
    const findings: RuleFinding[] = [];
    for (const path of listOnnxFiles(files)) {
      const { graph } = await readOnnx(dir, path);
      findings.push(...[...judgeContract(graph)].map((message) => ({ path, message })));
    }
    return { findings };
  },
};
