import { constants } from 'node:fs';
import { copyFile, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import writeFileAtomic from 'write-file-atomic';
import { HubwrightError } from '../errors.ts';
import { ONNX_FILE } from '../export/index.ts';
import { isInnerPath } from '../formats/inner-path.ts';
import { unreadableFile } from '../formats/unreadable-file.ts';
import { judgeContract } from '../graph/contract.ts';
import { type ModelProto, ModelProtoSchema } from '../graph/generated/onnx_pb.ts';
import { listExternalFiles, listTensors, parseModel } from '../graph/stored-tensors.ts';

/** Where the weights of an author's own ONNX file go, if they lie beside it: the name that optimum gives them. */
export const ONNX_DATA_FILE = `${ONNX_FILE}_data`;

const HOW_TO_EXPORT =
  'in Python: torch.onnx.export(model, (ids, mask), "model.onnx", input_names=["input_ids", "attention_mask"], output_names=["logits"], dynamic_axes={name: {0: "batch", 1: "sequence"} for name in ("input_ids", "attention_mask")} | {"logits": {0: "batch"}})';

/**
 * Copies an ONNX file that the author made, and its weights where they lie beside it, into the bundle as `model.onnx`
 * and `model.onnx_data`.
 *
 * @throws HubwrightError INPUT_MISSING, or INPUT_INVALID when it is none, or not one that the bundle's readers can run.
 */
export async function copyOwnOnnx(path: string, dir: string): Promise<void> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadableFile(path, cause);
  });
  const model = parseModel(bytes, path);
  const faults = [...judgeContract(model.graph)];
  if (faults.length > 0) {
    throw new HubwrightError('INPUT_INVALID', `${path} ${faults.join('; ')}`, { hint: HOW_TO_EXPORT });
  }
  const [location, ...more] = listExternalFiles(bytes, path);
  if (more.length > 0) {
    throw new HubwrightError(
      'INPUT_INVALID',
      `${path} keeps its weights in ${more.length + 1} files; one is taken`,
      {
        hint: 'in Python: onnx.save(onnx.load(path), path, save_as_external_data=True, all_tensors_to_one_file=True)',
      },
    );
  }
  if (location === undefined) {
    await writeFileAtomic(join(dir, ONNX_FILE), bytes);
    return;
  }
  await copyData(path, location, dir);
  await writeFileAtomic(join(dir, ONNX_FILE), Buffer.from(relocate(model)));
}

async function copyData(path: string, location: string, dir: string): Promise<void> {
  if (!isInnerPath(location)) {
    throw new HubwrightError(
      'INPUT_INVALID',
      `${path} reads its weights from ${JSON.stringify(location)}, which is not beside it`,
    );
  }
  const source = join(dirname(path), location);
  const isFile = await stat(source).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) {
    throw new HubwrightError(
      'INPUT_MISSING',
      `${path} reads its weights from ${source}, which is not there`,
      {
        hint: 'an ONNX file and its weights are moved together',
      },
    );
  }
  await copyFile(source, join(dir, ONNX_DATA_FILE), constants.COPYFILE_FICLONE);
}

/** The same model, with its weights in the bundle's file for them. */
function relocate(model: ModelProto): Uint8Array {
  for (const { externalData } of listTensors(model)) {
    for (const entry of externalData) if (entry.key === 'location') entry.value = ONNX_DATA_FILE;
  }
  return toBinary(ModelProtoSchema, model);
}
