import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { findSourceCommit } from '../attest/source-commit.ts';
import type { Lock, LockedFile, Origin } from '../bundle.ts';
import { hashFileAt } from '../formats/file-hash.ts';
import { isInnerPath } from '../formats/inner-path.ts';
import { listExternalFiles } from '../graph/stored-tensors.ts';
import { VERSION } from '../version.ts';
import { ONNX_DATA_FILE } from './own-onnx.ts';
import type { RunFolder } from './run-folder.ts';

/**
 * What a bundle was made from. A file that was copied is in the bundle byte for byte: its hash is known already.
 *
 * @param onnx the author's own ONNX file, where there is one
 */
export async function describeOrigin(
  run: RunFolder,
  { files }: Lock,
  onnx: string | undefined,
): Promise<Origin> {
  const locked = new Map(files.map((file) => [file.path, file]));
  const inputs = new Map<string, LockedFile>();
  const add = (path: string, file: Pick<LockedFile, 'size' | 'sha256'>) => {
    const place = placeOf(run, path);
    inputs.set(place, { path: place, size: file.size, sha256: file.sha256 });
  };
  for (const name of run.copied) {
    const file = locked.get(name);
    if (file !== undefined) add(run.at(name), file);
  }
  for (const path of listRewritten(run)) add(path, await hashFileAt(path));
  for (const file of files.filter(({ path }) => /^\w+\.py$/.test(path))) {
    if (await isOwn(run, file)) add(join(run.modelDir, file.path), file);
  }
  if (onnx !== undefined) {
    add(onnx, await hashFileAt(onnx));
    const [location] = listExternalFiles(await readFile(onnx), onnx);
    const data = locked.get(ONNX_DATA_FILE);
    if (location !== undefined && data !== undefined) add(join(dirname(onnx), location), data);
  }
  const source = await findSourceCommit(run.dir);
  return {
    tool: VERSION,
    inputs: [...inputs.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    ...(source === undefined ? {} : { source }),
  };
}

/** Whether code in the bundle is the author's, from beside the weights, and not written for them. */
async function isOwn({ modelDir }: RunFolder, { path, sha256 }: LockedFile): Promise<boolean> {
  const found = await hashFileAt(join(modelDir, path)).catch(() => undefined);
  return found?.sha256 === sha256;
}

/** What was read and written anew, where the run has it. */
function listRewritten({
  at,
  dir,
  hasConfig,
  hasTrainingArgs,
  pickledWeights,
  predictions,
}: RunFolder): string[] {
  return [
    at('tokenizer_config.json'),
    ...(hasConfig ? [at('config.json')] : []),
    ...(hasTrainingArgs ? [at('training_args.bin')] : []),
    ...(pickledWeights === undefined ? [] : [at(pickledWeights)]),
    ...(predictions === undefined ? [] : [`${dir}/${predictions}`]),
  ];
}

/** The path in the run folder, or the bare name of what the command line named elsewhere. */
function placeOf({ dir }: RunFolder, path: string): string {
  const inner = relative(dir, path).replaceAll('\\', '/');
  return isInnerPath(inner) ? inner : basename(path);
}
