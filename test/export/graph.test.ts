import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { describeCheckpoint } from '../../src/checkpoint/index.ts';
import { buildOnnx, exportOnnx, hashTensorTable } from '../../src/export/index.ts';
import { readSafetensorsHeader } from '../../src/formats/safetensors.ts';
import {
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  type ValueInfoProto,
} from '../../src/graph/generated/onnx_pb.ts';
import { copySampleRun } from '../fixtures/sample-run.ts';
import { TINY_CONFIG, type TinyTensors, tinyHeader, tinyTensors } from '../fixtures/tiny-checkpoint.ts';

const describeTiny = (tensors: TinyTensors = tinyTensors()) =>
  describeCheckpoint(tinyHeader(tensors), TINY_CONFIG);
const parse = (bytes: Uint8Array): ModelProto => fromBinary(ModelProtoSchema, bytes);
const tiny = () => parse(buildOnnx(describeTiny(), { pooling: 'mean' }));

/** `float32 [batch, 1]` and the like. */
function formatInfo({ name, type }: ValueInfoProto): string {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
  const dims = tensor?.shape?.dim.map(({ value }) => String(value.value));
  return `${name}: ${TensorProto_DataType[tensor?.elemType ?? 0]} [${dims?.join(', ')}]`;
}

describe('the model', () => {
  test('has the contract that every reader relies on', () => {
    const { graph, opsetImport, irVersion, producerName } = tiny();
    expect(graph?.input.map(formatInfo)).toEqual([
      'input_ids: INT64 [batch, sequence]',
      'attention_mask: INT64 [batch, sequence]',
    ]);
    expect(graph?.output.map(formatInfo)).toEqual(['logits: FLOAT [batch, 1]']);
    expect(opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
      ['', 23n],
      ['com.microsoft', 1n],
    ]);
    expect([irVersion, producerName]).toEqual([10n, 'hubwright']);
  });

  test('gives hidden states when asked', () => {
    const model = parse(buildOnnx(describeTiny(), { pooling: 'mean', hiddenState: true }));
    expect(model.graph?.output.map(formatInfo)[1]).toBe('last_hidden_state: FLOAT [batch, sequence, 8]');
  });

  test('is the same, byte for byte, each time', () => {
    const build = () => buildOnnx(describeTiny(), { pooling: 'mean' });
    expect(Buffer.from(build()).equals(Buffer.from(build()))).toBe(true);
  });

  test('has every node before those that use its output, and each name once, in its branches too', () => {
    const { graph } = tiny();
    const names = new Set([...graph!.input, ...graph!.initializer].map(({ name }) => name));
    expect(names.size).toBe(graph!.input.length + graph!.initializer.length);
    /** Returns what the nodes may see in the end; what a branch computes stays inside it. */
    const walk = (nodes: readonly NodeProto[], around: ReadonlySet<string>): Set<string> => {
      const visible = new Set(around);
      for (const node of nodes) {
        for (const input of node.input.filter((name) => name !== '')) expect(visible).toContain(input);
        for (const { g: branch } of node.attribute) {
          if (branch === undefined) continue;
          const inside = walk(branch.node, visible);
          for (const output of branch.output) expect(inside).toContain(output.name);
        }
        for (const output of node.output) {
          expect(names).not.toContain(output);
          names.add(output);
          visible.add(output);
        }
      }
      return visible;
    };
    const visible = walk(graph!.node, names);
    for (const { name } of [...graph!.output, ...graph!.valueInfo]) expect(visible).toContain(name);
  });

  test('says which tensor table it belongs to', () => {
    const checkpoint = describeTiny();
    const { metadataProps } = tiny();
    expect(metadataProps.map(({ key, value }) => [key, value])).toEqual([
      ['hubwright.tensors_sha256', hashTensorTable(checkpoint)],
    ]);
    const [first, ...rest] = tinyTensors();
    const moved = describeTiny(new Map([...rest, first!]));
    expect(hashTensorTable(moved)).not.toBe(hashTensorTable(checkpoint));
  });
});

test('the weights stay in the file: every one is a slice of a tensor, and no tensor is left out', async () => {
  const dir = copySampleRun();
  await exportOnnx(dir, { pooling: 'mean' });
  const bytes = readFileSync(join(dir, 'model.onnx'));
  expect(bytes.length).toBeLessThan(50_000);
  const { tensors } = await readSafetensorsHeader(join(dir, 'model.safetensors'));
  const covered = new Map([...tensors.keys()].map((name) => [name, 0]));
  const embedded: bigint[] = [];
  for (const { name, dims, dataType, dataLocation, externalData, rawData } of parse(bytes).graph!
    .initializer) {
    if (dataLocation !== TensorProto_DataLocation.EXTERNAL) {
      embedded.push(dims.reduce((product, dim) => product * dim, 1n));
      continue;
    }
    expect(rawData.length).toBe(0);
    expect(dataType).toBe(TensorProto_DataType.FLOAT);
    const data = Object.fromEntries(externalData.map(({ key, value }) => [key, value]));
    const [, base = '', begin, end] = /^(.*?)(?:\[(\d+):(\d+)\])?$/.exec(name) ?? [];
    const tensor = tensors.get(base)!;
    const rowBytes = tensor.byteLength / tensor.shape[0]!;
    const rows = [Number(begin ?? 0), Number(end ?? tensor.shape[0])] as const;
    expect(data).toEqual({
      location: 'model.safetensors',
      offset: String(tensor.offset + rows[0] * rowBytes),
      length: String((rows[1] - rows[0]) * rowBytes),
    });
    expect(dims.map(Number)).toEqual([rows[1] - rows[0], ...tensor.shape.slice(1)]);
    covered.set(base, covered.get(base)! + Number(data.length));
  }
  for (const [name, { byteLength }] of tensors) expect(covered.get(name), name).toBe(byteLength);
  // Axes, shapes, and the frequencies of the rotary embeddings.
  expect(Math.max(...embedded.map(Number))).toBeLessThanOrEqual(32);
});
