import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { hashFile, type LockedFile } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';
import { listExternalFiles } from '../graph/stored-tensors.ts';
import type { CachePlace } from '../inference/index.ts';

/** The files that a graph's scores depend on besides the text: itself, and those that it reads weights from, sorted. */
export async function listModelFiles(dir: string, graph: string): Promise<string[]> {
  const locations = listExternalFiles(await readFile(join(dir, graph)), graph);
  return [graph, ...locations.map((location) => posix.join(posix.dirname(graph), location))].sort();
}

/**
 * A digest of what the scores of an ONNX model depend on besides the text: every byte that its graph reads.
 *
 * @param files the folder's files by path, those of the model among them
 * @throws HubwrightError INPUT_INVALID when the graph is none, or reads a file that is not there.
 */
export async function digestModel(dir: string, graph: string, files: readonly LockedFile[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of await listModelFiles(dir, graph)) {
    const file = files.find((one) => one.path === path);
    if (file === undefined) {
      throw new HubwrightError('INPUT_INVALID', `${graph} reads weights from ${path}, which is not there`);
    }
    hash.update(`${path} ${file.sha256}\n`);
  }
  return hash.digest('hex');
}

/** Where the scores of a folder's graph may be kept: nowhere without a folder for them. */
export async function placeCache(
  cacheDir: string | undefined,
  dir: string,
  graph: string,
): Promise<CachePlace | undefined> {
  if (cacheDir === undefined) return undefined;
  const paths = await listModelFiles(dir, graph);
  const files = await Promise.all(paths.map((path) => hashFile(dir, path)));
  return { dir: cacheDir, model: await digestModel(dir, graph, files) };
}
