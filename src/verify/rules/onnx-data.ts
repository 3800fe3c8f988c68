import { stat } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { isInnerPath } from '../../formats/inner-path.ts';
import type { TensorProto } from '../../graph/generated/onnx_pb.ts';
import { listTensors } from '../../graph/stored-tensors.ts';
import { listOnnxFiles, readOnnx } from '../onnx-files.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const onnxData: Rule = {
  code: 'onnx-data',
  title: 'ONNX weights lie in the bundle, where the graph says',
  group: 'graph',
  severity: 'error',
  explanation:
    'Every tensor of every ONNX file, those of its branches and functions too, lies inside the file, or in a file of this bundle that is long enough to hold it. A path that is absolute or climbs out with `..` would read a file of whoever runs the model.',
  fix: 'export it again: hubwright export <bundle>',
  cheap: true,
  needs: ['required-files', 'safetensors-header'],
  async check({ dir, files }) {
    const findings: RuleFinding[] = [];
    for (const path of listOnnxFiles(files)) {
      const faults = new Set<string>();
      for (const tensor of listTensors(await readOnnx(dir, path))) {
        const fault =
          tensor.externalData.length === 0 ? undefined : await findFault(dir, path, files, tensor);
        if (fault !== undefined && faults.size < 3) faults.add(fault);
      }
      findings.push(...[...faults].map((message) => ({ path, message })));
    }
    return { findings };
  },
};

async function findFault(
  dir: string,
  path: string,
  files: readonly string[],
  { name, externalData }: TensorProto,
): Promise<string | undefined> {
  const {
    location = '',
    offset = '0',
    length = '0',
  } = Object.fromEntries(externalData.map(({ key, value }) => [key, value]));
  const target = posix.join(dirname(path), location);
  const shown = JSON.stringify(location);
  if (!isInnerPath(location) || !isInnerPath(target))
    return `reads its weights from ${shown}, outside the bundle`;
  if (!files.includes(target)) return `reads ${name} from ${shown}, which is not in the bundle`;
  const end = Number(offset) + Number(length);
  const { size } = await stat(join(dir, target));
  return end <= size
    ? undefined
    : `reads ${name} from byte ${offset} to ${end} of ${shown}, which has ${size}`;
}
