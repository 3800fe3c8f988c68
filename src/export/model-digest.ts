import { createHash } from 'node:crypto';
import type { LockedFile } from '../bundle.ts';
import { ONNX_FILE } from './index.ts';

/**
 * A digest of what the scores of an exported model depend on besides the text: `model.onnx` and every file of weights,
 * in path order. It says nothing about a graph that is no export, which may read any file.
 */
export function digestModel(files: readonly LockedFile[]): string {
  const hash = createHash('sha256');
  const parts = files.filter(({ path }) => path === ONNX_FILE || path.endsWith('.safetensors'));
  for (const { path, sha256 } of parts.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`${path} ${sha256}\n`);
  return hash.digest('hex');
}
