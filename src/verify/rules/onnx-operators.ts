import { listNodes } from '../../graph/stored-tensors.ts';
import { listOnnxFiles, readOnnx } from '../onnx-files.ts';
import type { Rule, RuleFinding } from '../rule.ts';
import { ENDLESS } from '../runnable-graph.ts';

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
    'Every operator is of ONNX, opset 23 or earlier, or of ONNX Runtime itself, and the file format is one that ONNX Runtime 1.22 and later read. An operator of another domain needs a library that the reader does not have, and loading it runs native code. `Loop` and `Scan`, which no encoder needs, repeat as often as data says: such a graph is not run.',
  fix: 'export it again: hubwright export <bundle>',
  cheap: true,
  needs: ['required-files'],
  async check({ dir, files }) {
    const findings: RuleFinding[] = [];
    for (const path of listOnnxFiles(files)) {
      const model = await readOnnx(dir, path);
      const { opsetImport, irVersion } = model;
      const nodes = [...listNodes(model)];
      const foreign = new Set(nodes.map(({ domain }) => domain).filter((domain) => !DOMAINS.has(domain)));
      for (const domain of foreign)
        findings.push({ path, message: `uses operators of ${JSON.stringify(domain)}` });
      const endless = new Set(nodes.map(({ opType }) => opType).filter((type) => ENDLESS.has(type)));
      for (const type of endless)
        findings.push({
          path,
          message: `repeats a part of itself (${type}), and may never end: it is not run`,
        });
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
