import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import writeFileAtomic from 'write-file-atomic';
import type { Checkpoint } from '../../checkpoint/index.ts';
import { HubwrightError } from '../../errors.ts';
import {
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from '../../graph/generated/onnx_pb.ts';
import type { AttentionStyle } from '../../graph/graph.ts';
import { openWeightReader } from '../../graph/tensor-reader.ts';
import { buildModel, type GraphOptions } from '../index.ts';
import { type EncodedTensor, encodeWeight } from './encode.ts';
import { toFloat16 } from './fp16.ts';
import { toInt8 } from './int8.ts';
import { type Draft, openDraft, type StoredWeight } from './model.ts';
import { type Variant, variantDataFile, variantFile } from './names.ts';

const REWRITE: Readonly<Record<Variant, (draft: Draft) => StoredWeight[]>> = {
  fp32: ({ weights }) => [...weights].map(([name, source]) => ({ name, source, form: 'float32' })),
  fp16: toFloat16,
  int8: toInt8,
};

/**
 * WebGPU has no kernel for one of the fused operators, and computes the other wrongly on some adapters (ONNX Runtime
 * 1.30), so what browsers may run there is decomposed. The integers of int8 are for CPUs.
 */
const ATTENTION: Readonly<Record<Variant, AttentionStyle>> = {
  fp32: 'decomposed',
  fp16: 'decomposed',
  int8: 'fused',
};

/**
 * Writes a variant of an exported model: a graph with weights of its own, `onnx/model….onnx` and `onnx/model….onnx_data`.
 * One weight is in memory at a time, and of a large table a part.
 *
 * @param dir the folder of the checkpoint's weights
 * @throws HubwrightError INPUT_INVALID, UNSUPPORTED or OUTPUT
 */
export async function writeVariant(
  dir: string,
  variant: Variant,
  checkpoint: Checkpoint,
  options: GraphOptions,
): Promise<void> {
  const draft = openDraft(buildModel(checkpoint, { attention: ATTENTION[variant], ...options }));
  const weights = REWRITE[variant](draft);
  const dataFile = join(dir, variantDataFile(variant));
  await mkdir(dirname(dataFile), { recursive: true });
  const stored = await writeData(dir, weights, dataFile);
  const { graph, model } = draft;
  graph.initializer = [...graph.initializer.filter(({ name }) => !draft.weights.has(name)), ...stored];
  await writeFileAtomic(join(dir, variantFile(variant)), Buffer.from(toBinary(ModelProtoSchema, model)));
}

/** Any offset will do on POSIX; whole cache lines are kinder to the kernels. */
const ALIGNMENT = 64;

async function writeData(
  dir: string,
  weights: readonly StoredWeight[],
  path: string,
): Promise<TensorProto[]> {
  const draft = `${path}.part`;
  const reader = openWeightReader(dir);
  const file = await open(draft, 'w').catch((cause: unknown) => {
    throw new HubwrightError('OUTPUT', `${path} cannot be written`, { cause });
  });
  const tensors: TensorProto[] = [];
  let end = 0;
  const append = async ({ name, dims, dataType, bytes }: EncodedTensor) => {
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = offset;
    for await (const chunk of bytes) {
      await file.write(chunk, 0, chunk.length, end);
      end += chunk.length;
    }
    const place = { location: basename(path), offset: String(offset), length: String(end - offset) };
    tensors.push(
      create(TensorProtoSchema, {
        name,
        dims: dims.map(BigInt),
        dataType,
        dataLocation: TensorProto_DataLocation.EXTERNAL,
        externalData: Object.entries(place).map(([key, value]) => ({ key, value })),
      }),
    );
  };
  try {
    for (const { name, source, form } of weights) {
      const weight = await reader.open(source);
      for (const tensor of encodeWeight(weight, name, form)) await append(tensor);
    }
    await file.close();
    await rename(draft, path);
    return tensors;
  } catch (error) {
    await file.close().catch(() => {});
    await rm(draft, { force: true });
    throw error;
  } finally {
    await reader.close();
  }
}
