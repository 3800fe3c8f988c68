import { listOnnxFiles, readOnnx } from '../onnx-files.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** Operator sets that come with ONNX Runtime everywhere. */
const DOMAINS = new Set(['', 'ai.onnx', 'com.microsoft']);
/** What ONNX Runtime 1.22 reads, which is what the card tells to install or newer. */
const MAX_OPSET = 23n;
const MAX_IR = 10n;

export const onnxOperators: Rule = {
  code: 'onnx-operators',
  title: 'ONNX Runtime has every operator',
  group: 'graph',
  severity: 'error',
  explanation:
    'Every operator is of ONNX, opset 23 or earlier, or of ONNX Runtime itself, and the file format is one that ONNX Runtime 1.22 and later read. An operator of another domain needs a library that the reader does not have, and loading it runs native code.',
  fix: 'export it again: hubwright export <bundle>',
  cheap: true,
  needs: ['required-files'],
  async check({ dir, files }) {
    const findings: RuleFinding[] = [];
    for (const path of listOnnxFiles(files)) {
      const { opsetImport, irVersion, graph } = await readOnnx(dir, path);
      const foreign = new Set(
        (graph?.node ?? []).map(({ domain }) => domain).filter((domain) => !DOMAINS.has(domain)),
      );
      for (const domain of foreign)
        findings.push({ path, message: `uses operators of ${JSON.stringify(domain)}` });
      const opset = opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 0n;
      if (opset > MAX_OPSET)
        findings.push({ path, message: `needs opset ${opset}; ONNX Runtime 1.22 has ${MAX_OPSET}` });
      if (irVersion > MAX_IR) {
        findings.push({
          path,
          message: `is written in IR version ${irVersion}; ONNX Runtime 1.22 reads up to ${MAX_IR}`,
        });
      }
    }
    return { findings };
  },
};
