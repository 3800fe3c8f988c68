import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { HubwrightError } from '../errors.ts';
import { type ModelProto, ModelProtoSchema } from '../graph/generated/onnx_pb.ts';

/** protobuf itself ends at 2 GiB; a graph whose weights lie beside it has less than a megabyte. */
const MAX_BYTES = 1024 ** 3;

/**
 * Reads an ONNX file without running it.
 *
 * @throws HubwrightError INPUT_INVALID for what is no ONNX.
 */
export async function readOnnx(dir: string, path: string): Promise<ModelProto> {
  const { size } = await stat(join(dir, path));
  if (size > MAX_BYTES) {
    throw new HubwrightError('INPUT_INVALID', `${path} has ${size} bytes; at most ${MAX_BYTES} are read`, {
      hint: 'keep its weights in a file beside it, as external data',
    });
  }
  const bytes = await readFile(join(dir, path));
  try {
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw new HubwrightError('INPUT_INVALID', `${path} is no ONNX model: it is cut off or damaged`, {
      hint: 'export it again: hubwright export <bundle>',
      cause,
    });
  }
}

export function listOnnxFiles(files: readonly string[]): string[] {
  return files.filter((path) => path.endsWith('.onnx'));
}
