import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  type GraphProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from '../../../src/graph/generated/onnx_pb.ts';

/** Edits the graph of model.onnx. */
export const inGraph =
  (edit: (graph: GraphProto) => void) =>
  (dir: string): void => {
    const path = join(dir, 'model.onnx');
    const model = fromBinary(ModelProtoSchema, readFileSync(path));
    if (model.graph === undefined) throw new Error('no graph');
    edit(model.graph);
    writeFileSync(path, toBinary(ModelProtoSchema, model));
  };

/** Gives what computes the logits another name, so that something can come after it. */
export function renameOutput(graph: GraphProto, name: string): void {
  for (const node of graph.node)
    node.output = node.output.map((output) => (output === 'logits' ? name : output));
}

export function addNode(
  graph: GraphProto,
  opType: string,
  input: string[],
  output: string,
  attributes: Record<string, number> = {},
  where: 'start' | 'end' = 'end',
): void {
  const attribute = Object.entries(attributes).map(([name, value]) => ({
    name,
    type: AttributeProto_AttributeType.INT,
    i: BigInt(value),
  }));
  const node = create(NodeProtoSchema, {
    opType,
    input,
    output: [output],
    name: `added_${output}`,
    attribute,
  });
  if (where === 'start') graph.node.unshift(node);
  else graph.node.push(node);
}

/** Adds a constant: a list of int64, or one float32 or boolean without dimensions. */
export function addInitializer(
  graph: GraphProto,
  name: string,
  value: BigInt64Array | number | boolean,
): void {
  const isList = value instanceof BigInt64Array;
  const type = isList ? 'INT64' : typeof value === 'number' ? 'FLOAT' : 'BOOL';
  const bytes = isList
    ? value.buffer
    : typeof value === 'number'
      ? Float32Array.of(value).buffer
      : Uint8Array.of(Number(value)).buffer;
  graph.initializer.push(
    create(TensorProtoSchema, {
      name,
      dataType: TensorProto_DataType[type],
      dims: isList ? [BigInt(value.length)] : [],
      rawData: new Uint8Array(bytes),
    }),
  );
}
