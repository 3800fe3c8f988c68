import { type GraphProto, TensorProto_DataType, type ValueInfoProto } from './generated/onnx_pb.ts';

const INPUTS = ['input_ids', 'attention_mask'];

/**
 * What keeps the readers of a published model from running a graph, one phrase a fault: they give `input_ids` and
 * `attention_mask`, int64 of any batch and length, and take `logits` [batch, 1].
 */
export function* judgeContract(graph: GraphProto | undefined): Generator<string> {
  const weights = new Set(graph?.initializer.map(({ name }) => name));
  yield* judgeInputs((graph?.input ?? []).filter(({ name }) => !weights.has(name)));
  yield* judgeOutputs(graph?.output ?? []);
}

function* judgeInputs(inputs: readonly ValueInfoProto[]): Generator<string> {
  for (const name of INPUTS) {
    const input = inputs.find((one) => one.name === name);
    const { type, dims } = describe(input);
    if (input === undefined) yield `takes no ${name}`;
    else if (type !== TensorProto_DataType.INT64) yield `takes ${name} as another type than int64`;
    else if (dims.some((dim) => dim !== undefined)) {
      yield `takes ${name} of one size only: [${dims.map((dim) => dim ?? '?').join(', ')}]`;
    }
  }
  const extra = inputs.map(({ name }) => name).filter((name) => !INPUTS.includes(name));
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
