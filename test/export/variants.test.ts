import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { type Checkpoint, describeCheckpoint } from '../../src/checkpoint/index.ts';
import { buildOnnx } from '../../src/export/index.ts';
import {
  describeForTransformersJs,
  listVariants,
  VARIANTS,
  type Variant,
  variantDataFile,
  variantFile,
} from '../../src/export/variants/names.ts';
import { writeVariant } from '../../src/export/variants/write.ts';
import { readSafetensorsHeader } from '../../src/formats/safetensors.ts';
import { ModelProtoSchema, TensorProto_DataType } from '../../src/graph/generated/onnx_pb.ts';
import { listExternalFiles } from '../../src/graph/stored-tensors.ts';
import { openSession } from '../../src/inference/session.ts';
import { catchError } from '../fixtures/caught.ts';
import { type TensorSource, writeSafetensors } from '../fixtures/safetensors-writer.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { atTokens, largestDifference, toBatch } from './batch.ts';

/** More rows than a table may have that stays in float32. */
const VOCABULARY = 5000;
const CONFIG = {
  model_type: 'modernbert',
  vocab_size: VOCABULARY,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  local_attention: 4,
  norm_bias: true,
  attention_bias: true,
  mlp_bias: true,
};
const SHAPES: Record<string, readonly number[]> = {
  'encoder.embeddings.tok_embeddings.weight': [VOCABULARY, 16],
  'encoder.embeddings.norm.weight': [16],
  'encoder.embeddings.norm.bias': [16],
  ...Object.fromEntries(
    [0, 1].flatMap((layer) =>
      Object.entries({
        ...(layer === 0 ? {} : { 'attn_norm.weight': [16], 'attn_norm.bias': [16] }),
        'attn.Wqkv.weight': [48, 16],
        'attn.Wqkv.bias': [48],
        'attn.Wo.weight': [16, 16],
        'attn.Wo.bias': [16],
        'mlp_norm.weight': [16],
        'mlp_norm.bias': [16],
        'mlp.Wi.weight': [48, 16],
        'mlp.Wi.bias': [48],
        'mlp.Wo.weight': [16, 24],
        'mlp.Wo.bias': [16],
      }).map(([name, shape]) => [`encoder.layers.${layer}.${name}`, shape]),
    ),
  ),
  'encoder.final_norm.weight': [16],
  'encoder.final_norm.bias': [16],
  'score.weight': [1, 16],
  'score.bias': [1],
};

type Change = (name: string, values: Float32Array) => void;

/** A folder with a small encoder of random weights; in bfloat16 they are those of float32 cut off. */
async function makeModel(dtype: 'F32' | 'BF16' = 'F32', change: Change = () => {}) {
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647 - 0.5;
  };
  const sources = Object.entries(SHAPES).map(([name, shape]): TensorSource => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, random);
    change(name, values);
    const whole = new Uint16Array(values.buffer);
    const bytes =
      dtype === 'F32' ? Buffer.from(values.buffer) : Buffer.from(whole.filter((_, i) => i % 2 === 1).buffer);
    return { name, dtype, shape, bytes };
  });
  const dir = makeTempDir();
  writeFileSync(join(dir, 'model.safetensors'), writeSafetensors(sources, { format: 'pt' }));
  const checkpoint = describeCheckpoint(await readSafetensorsHeader(join(dir, 'model.safetensors')), CONFIG);
  writeFileSync(join(dir, 'model.onnx'), buildOnnx(checkpoint, { pooling: 'mean', hiddenState: true }));
  return { dir, checkpoint };
}

const write = (dir: string, variant: Variant, checkpoint: Checkpoint) =>
  writeVariant(dir, variant, checkpoint, { pooling: 'mean', hiddenState: true });

const ROWS = [
  [5, 4000, 17, 99, 1234, 4999, 8, 0],
  [7, 12, 3000, 2, 0, 0, 0, 0],
];
const MASK = [
  [1, 1, 1, 1, 1, 1, 1, 1],
  [1, 1, 1, 1, 0, 0, 0, 0],
];

async function run(path: string, rows = ROWS, mask = MASK) {
  const session = await openSession(path);
  const { logits, last_hidden_state } = await session.run(toBatch(rows, mask), [
    'logits',
    'last_hidden_state',
  ]);
  await session.release();
  return { logits: logits!, hidden: atTokens(last_hidden_state!, mask) };
}

const readModel = (dir: string, variant: Variant) =>
  fromBinary(ModelProtoSchema, readFileSync(join(dir, variantFile(variant))));

describe('the names', () => {
  test('are those by which transformers.js finds a dtype', () => {
    expect(VARIANTS.map(variantFile)).toEqual([
      'onnx/model.onnx',
      'onnx/model_fp16.onnx',
      'onnx/model_quantized.onnx',
    ]);
    expect(VARIANTS.map(variantDataFile)).toEqual(VARIANTS.map((variant) => `${variantFile(variant)}_data`));
    expect(listVariants(['model.onnx', 'onnx/model_quantized.onnx', 'onnx/model_q4.onnx'])).toEqual(['int8']);
  });

  test('are announced with the number of data files of each', () => {
    expect(describeForTransformersJs(['int8', 'fp16'])).toEqual({
      use_external_data_format: { 'model_fp16.onnx': 1, 'model_quantized.onnx': 1 },
    });
    expect(describeForTransformersJs([])).toBeUndefined();
  });
});

describe('a variant', () => {
  test.each([
    ['fp32', 'F32', 1e-5],
    ['fp32', 'BF16', 1e-5],
    ['fp16', 'F32', 1e-2],
    ['fp16', 'BF16', 1e-2],
    ['int8', 'F32', 0.15],
    ['int8', 'BF16', 0.15],
  ] as const)(
    '%s of %s weights computes what the model does, within %d',
    async (variant, dtype, tolerance) => {
      const { dir, checkpoint } = await makeModel(dtype);
      await write(dir, variant, checkpoint);
      const expected = await run(join(dir, 'model.onnx'));
      const actual = await run(join(dir, variantFile(variant)));
      expect(largestDifference(actual.hidden, expected.hidden)).toBeLessThanOrEqual(tolerance);
      expect(largestDifference(actual.logits, expected.logits)).toBeLessThanOrEqual(tolerance);
      // It is another computation, not the same graph under another name.
      if (variant !== 'fp32') expect(largestDifference(actual.hidden, expected.hidden)).toBeGreaterThan(1e-6);
    },
  );

  test.each(VARIANTS)('%s reads no other file than its own data, all of it', async (variant) => {
    const { dir, checkpoint } = await makeModel();
    await write(dir, variant, checkpoint);
    expect(readdirSync(join(dir, 'onnx')).sort()).toEqual(
      [variantFile(variant), variantDataFile(variant)].map((path) => path.slice('onnx/'.length)).sort(),
    );
    const graph = readFileSync(join(dir, variantFile(variant)));
    expect(listExternalFiles(graph, 'it')).toEqual([variantDataFile(variant).slice('onnx/'.length)]);
    const ends = readModel(dir, variant).graph!.initializer.flatMap(({ externalData }) => {
      const { offset, length } = Object.fromEntries(externalData.map(({ key, value }) => [key, value]));
      return offset === undefined ? [] : [Number(offset) + Number(length)];
    });
    expect(Math.max(...ends)).toBe(readFileSync(join(dir, variantDataFile(variant))).length);
  });

  test('of the same weights has the same bytes each time', async () => {
    const { dir, checkpoint } = await makeModel();
    const read = () =>
      [variantFile('int8'), variantDataFile('int8')].map((path) => readFileSync(join(dir, path)));
    await write(dir, 'int8', checkpoint);
    const first = read();
    await write(dir, 'int8', checkpoint);
    expect(read().map((bytes, i) => bytes.equals(first[i]!))).toEqual([true, true]);
  });

  test('that cannot be written leaves nothing behind, and the old one as it was', async () => {
    const { dir, checkpoint } = await makeModel();
    await write(dir, 'fp16', checkpoint);
    const before = readFileSync(join(dir, variantDataFile('fp16')));
    const large = await makeModel('F32', (name, values) => {
      if (name === 'encoder.layers.1.mlp.Wo.weight') values[3] = 1e6;
    });
    writeFileSync(join(dir, 'model.safetensors'), readFileSync(join(large.dir, 'model.safetensors')));
    const error = await catchError(() => write(dir, 'fp16', checkpoint));
    expect(error).toMatchObject({
      code: 'UNSUPPORTED',
      message: 'tensor encoder.layers.1.mlp.Wo.weight holds 1000000, which float16 cannot',
    });
    expect(readFileSync(join(dir, variantDataFile('fp16'))).equals(before)).toBe(true);
    expect(existsSync(`${join(dir, variantDataFile('fp16'))}.part`)).toBe(false);
  });
});

describe('fp16', () => {
  test('keeps angles of positions and the head in float32, and nothing else', async () => {
    const { dir, checkpoint } = await makeModel();
    await write(dir, 'fp16', checkpoint);
    const { graph } = readModel(dir, 'fp16');
    const stored = graph!.initializer.filter(({ externalData }) => externalData.length > 0);
    const single = stored.filter(({ dataType }) => dataType === TensorProto_DataType.FLOAT);
    expect(single.map(({ name }) => name).sort()).toEqual(['score.bias', 'score.weight']);
    expect(stored.length - single.length).toBeGreaterThan(20);
    const typed = new Map(graph!.valueInfo.map(({ name, type }) => [name, type?.value.value]));
    expect([...typed.values()].every((type) => type && 'elemType' in type && type.elemType === 10)).toBe(
      true,
    );
    // An angle in float16 is off by up to 2 at position 4,000; its cosine would mean nothing.
    const producers = new Map(graph!.node.map((node) => [node.output[0], node]));
    for (const { input } of graph!.node.filter(({ opType }) => opType === 'Cos' || opType === 'Sin')) {
      expect(producers.get(input[0]!)?.input.some((name) => name.endsWith('.half'))).toBe(false);
    }
  });
});

describe('int8', () => {
  test('stores each linear weight transposed, with one scale an output, and the vocabulary with one a row', async () => {
    const { dir, checkpoint } = await makeModel();
    await write(dir, 'int8', checkpoint);
    const { graph } = readModel(dir, 'int8');
    const data = readFileSync(join(dir, variantDataFile('int8')));
    const weights = readFileSync(join(dir, 'model.safetensors'));
    const take = (name: string) => {
      const tensor = graph!.initializer.find((one) => one.name === name)!;
      const place = Object.fromEntries(tensor.externalData.map(({ key, value }) => [key, Number(value)]));
      const bytes = Uint8Array.from(data.subarray(place.offset, place.offset! + place.length!)).buffer;
      return {
        dims: tensor.dims.map(Number),
        numbers: tensor.dataType === 3 ? new Int8Array(bytes) : new Float32Array(bytes),
      };
    };
    const check = (name: string, begin: number, rows: number, width: number, columns: boolean) => {
      const [integers, scales] = [take(name), take(`${name}.scale`)];
      expect(integers.dims).toEqual(columns ? [width, rows] : [rows, width]);
      expect(scales.dims).toEqual(columns ? [rows] : [rows, 1]);
      const tensor = checkpoint.encoder.get(name.replace(/^encoder\.|\[.*$/g, ''))!;
      const steps = columns ? 64 : 127;
      for (let row = 0; row < rows; row++) {
        const original = Array.from({ length: width }, (_, i) =>
          weights.readFloatLE(tensor.offset + 4 * ((begin + row) * width + i)),
        );
        const scale = scales.numbers[row]!;
        expect(scale).toBe(Math.fround(Math.max(...original.map(Math.abs)) / steps));
        for (const [i, value] of original.entries()) {
          const integer = integers.numbers[columns ? i * rows + row : row * width + i]!;
          if (Math.abs(integer) > steps || Math.abs(integer * scale - value) > scale * 0.50001)
            expect.fail(`${name} ${row},${i}`);
        }
      }
    };
    check('encoder.embeddings.tok_embeddings.weight', 0, VOCABULARY, 16, false);
    check('encoder.layers.1.attn.Wqkv.weight[16:32]', 16, 16, 16, true);
    check('encoder.layers.0.mlp.Wo.weight', 0, 16, 24, true);
  });

  test('gives a row the same logit alone, with others, and beside a row of outliers', async () => {
    const { dir, checkpoint } = await makeModel('F32', (name, values) => {
      // Token 4321 is a hundred times as large as the others.
      if (name.endsWith('tok_embeddings.weight'))
        for (let i = 4321 * 16; i < 4322 * 16; i++) values[i] = 100 * (values[i] ?? 0);
    });
    await write(dir, 'int8', checkpoint);
    const path = join(dir, variantFile('int8'));
    const row = ROWS[0]!;
    const ones = MASK[0]!;
    const pair = await run(path, [row, row], [ones, ones]);
    const beside = await run(path, [row, row.map(() => 4321)], [ones, ones]);
    expect(beside.logits[0]).toBe(pair.logits[0]);
  });

  test('of a row without any token is finite', async () => {
    const { dir, checkpoint } = await makeModel('F32', (name, values) => {
      if (!name.startsWith('encoder.layers.0.mlp')) return;
      values.fill(0);
    });
    await write(dir, 'int8', checkpoint);
    const { logits } = await run(join(dir, variantFile('int8')), ROWS, [MASK[0]!, MASK[0]!.map(() => 0)]);
    expect([...logits].every(Number.isFinite)).toBe(true);
  });
});
