import { join } from 'node:path';
import type { Checkpoint } from '../../checkpoint/index.ts';
import { readLimitedText } from '../../formats/limited-file.ts';
import { isPythonName } from '../../formats/source-text.ts';
import { renderShim, SHIM_FILE } from '../../shim/index.ts';
import type { Rule } from '../rule.ts';

export const codeMatches: Rule = {
  code: 'code-matches',
  title: 'the code is that of these very weights',
  group: 'code',
  severity: 'error',
  explanation:
    '`modeling_reward.py` is what Hubwright writes for these tensor names, this pooling, activation and input template. Its attribute names decide which tensor goes where: code of another model would leave weights random. Only the ONNX model is run by `verify`, and this rule is what ties the PyTorch code to it. Where the names are right and something else differs, it warns.',
  fix: 'assemble again; if the file was changed on purpose, ignore this rule and say why',
  cheap: true,
  needs: ['tensors-config'],
  async check({ dir, files, checkpoint, config, header }) {
    if (!files.includes(SHIM_FILE)) return { notApplicable: 'the model brings no code of its own' };
    const expected = renderShim({
      checkpoint: await checkpoint(),
      config: await config(),
      weightFiles: (await header()).files,
    }).split('\n');
    const found = (await readLimitedText(join(dir, SHIM_FILE))).split('\n');
    const at = expected.findIndex((line, i) => line !== found[i]);
    const first = at < 0 && found.length > expected.length ? expected.length : at;
    if (first < 0) return { findings: [] };
    const code = found.join('\n');
    const lost = roots(await checkpoint()).filter((name) => !new RegExp(`self\\.${name}\\s*=`).test(code));
    if (lost.length > 0) {
      const message = `sets no self.${lost.join(' and no self.')}: the tensors of that name would stay random`;
      return { findings: [{ path: SHIM_FILE, message }] };
    }
    const message = `is ${show(found[first])}; for these weights it would be ${show(expected[first])}`;
    return { findings: [{ path: SHIM_FILE, line: first + 1, severity: 'warning', message }] };
  },
};

/** The attributes that the names of the weights begin with. */
function roots({ prefix, head }: Checkpoint): string[] {
  return [...new Set([prefix, head.attribute].map((path) => path.split('.')[0] ?? ''))].filter(isPythonName);
}

function show(line: string | undefined): string {
  return line === undefined ? 'not there' : JSON.stringify(line.trim().slice(0, 100));
}
