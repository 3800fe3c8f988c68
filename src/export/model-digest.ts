import { createHash } from 'node:crypto';
import type { LockedFile } from '../bundle.ts';
import { ONNX_FILE, WEIGHTS_FILE } from './index.ts';

/**
 * A digest of what the scores of an exported model depend on besides the text: `model.onnx` and its weights. It says
 * nothing about a graph that is no export, which may read any file.
 */
export function digestModel(files: readonly LockedFile[]): string {
  const hash = createHash('sha256');
  for (const name of [ONNX_FILE, WEIGHTS_FILE]) {
    hash.update(`${name} ${files.find(({ path }) => path === name)?.sha256}\n`);
  }
  return hash.digest('hex');
}
