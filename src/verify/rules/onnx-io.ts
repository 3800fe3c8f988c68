import type { ValueInfoProto } from '../../graph/generated/onnx_pb.ts';
import { TensorProto_DataType } from '../../graph/generated/onnx_pb.ts';
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
      const weights = new Set(graph?.initializer.map(({ name }) => name));
      const inputs = (graph?.input ?? []).filter(({ name }) => !weights.has(name));
      const faults = [...judgeInputs(inputs), ...judgeOutputs(graph?.output ?? [])];
      findings.push(...faults.map((message) => ({ path, message })));
    }
    return { findings };
  },
};

function* judgeInputs(inputs: readonly ValueInfoProto[]): Generator<string> {
  for (const name of ['input_ids', 'attention_mask']) {
    const input = inputs.find((one) => one.name === name);
    const { type, dims } = describe(input);
    if (input === undefined) yield `takes no ${name}`;
    else if (type !== TensorProto_DataType.INT64) yield `takes ${name} as another type than int64`;
    else if (dims.some((dim) => dim !== undefined)) {
      yield `takes ${name} of one size only: [${dims.map((dim) => dim ?? '?').join(', ')}]`;
    }
  }
  const extra = inputs
    .map(({ name }) => name)
    .filter((name) => !['input_ids', 'attention_mask'].includes(name));
  if (extra.length > 0) yield `wants ${extra.join(', ')} too, which these readers do not give`;
}

function* judgeOutputs(outputs: readonly ValueInfoProto[]): Generator<string> {
  const logits = outputs.find(({ name }) => name === 'logits');
  if (logits === undefined) {
    yield `gives ${outputs.map(({ name }) => name).join(', ') || 'nothing'}, and no logits`;
    return;
  }
  const { dims } = describe(logits);
  if (dims.length !== 2 || dims[0] !== undefined || dims[1] !== 1) {
    yield `gives logits of shape [${dims.map((dim) => dim ?? '?').join(', ')}]; expected [batch, 1]`;
  }
}

/** Element type and dimensions; undefined for one that is free. */
function describe(info: ValueInfoProto | undefined): {
  type: number | undefined;
  dims: (number | undefined)[];
} {
  const tensor = info?.type?.value.case === 'tensorType' ? info.type.value.value : undefined;
  const dims = (tensor?.shape?.dim ?? []).map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : undefined,
  );
  return { type: tensor?.elemType, dims };
}
