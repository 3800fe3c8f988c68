import { dirname, posix } from 'node:path';
import { HubwrightError } from '../errors.ts';
import { isInnerPath } from '../formats/inner-path.ts';
import { listNodes, listTensors } from '../graph/stored-tensors.ts';
import { readOnnx } from './onnx-files.ts';

/** Operators that repeat a part of the graph as often as data says: nobody can tell before whether they end. */
export const ENDLESS: ReadonlySet<string> = new Set(['Loop', 'Scan']);

/**
 * What must hold before a graph that a stranger made is run: it reads no file but those of the bundle, and it ends. The
 * rules `onnx-data` and `onnx-operators` say so in more words; this holds whatever rules were chosen.
 *
 * @param files of the bundle
 * @throws HubwrightError INPUT_INVALID
 */
export async function requireRunnable(dir: string, graph: string, files: readonly string[]): Promise<void> {
  const model = await readOnnx(dir, graph);
  for (const { externalData } of listTensors(model)) {
    for (const { key, value } of externalData) {
      if (key !== 'location') continue;
      const target = posix.join(dirname(graph), value);
      if (!isInnerPath(value) || !files.includes(target)) {
        throw refuse(graph, `reads its weights from ${JSON.stringify(value)}, which is not in the bundle`);
      }
    }
  }
  for (const { opType } of listNodes(model))
    if (ENDLESS.has(opType)) throw refuse(graph, `repeats a part of itself (${opType}), and may never end`);
}

function refuse(graph: string, why: string): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `${graph} was not run: it ${why}`, {
    hint: 'export it again: hubwright export <bundle>',
  });
}
