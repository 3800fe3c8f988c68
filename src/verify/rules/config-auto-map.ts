import { join } from 'node:path';
import { isJsonObject } from '../../formats/json.ts';
import { readLimitedText } from '../../formats/limited-file.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** `module.Class`: exactly one dot, the module a Python name, as transformers splits it. */
const TARGET = /^([A-Za-z_]\w*)\.([A-Za-z_]\w*)$/;

export const configAutoMap: Rule = {
  code: 'config-auto-map',
  title: 'every class of auto_map is in the code',
  group: 'config',
  severity: 'error',
  explanation:
    'Each entry of `auto_map` is `module.Class`, the module is a file at the root, and the file defines the class. `AutoConfig` and `AutoModel` are among them, so that `trust_remote_code=True` loads the model. An entry that points into another repository would run code that nobody here has checked.',
  fix: 'assemble again: it writes auto_map and the file',
  cheap: true,
  needs: ['json-strict'],
  async check({ dir, files, modelConfig }) {
    const { auto_map: map } = await modelConfig();
    const path = 'config.json';
    if (map === undefined) return { notApplicable: 'the model brings no code of its own' };
    if (!isJsonObject(map)) return { findings: [{ path, message: 'auto_map is no object' }] };
    const findings: RuleFinding[] = [];
    for (const auto of ['AutoConfig', 'AutoModel']) {
      if (map[auto] === undefined) findings.push({ path, message: `auto_map names no ${auto}` });
    }
    for (const [auto, target] of Object.entries(map)) {
      const message = await findFault(dir, files, target);
      if (message !== undefined) findings.push({ path, message: `auto_map.${auto} ${message}` });
    }
    return { findings };
  },
};

async function findFault(
  dir: string,
  files: readonly string[],
  target: unknown,
): Promise<string | undefined> {
  const shown = JSON.stringify(target);
  if (typeof target === 'string' && target.includes('--')) return `is ${shown}: code of another repository`;
  const [, module, name] = typeof target === 'string' ? (TARGET.exec(target) ?? []) : [];
  if (module === undefined) return `is ${shown}; expected module.Class`;
  const file = `${module}.py`;
  if (!files.includes(file)) return `is ${shown}, and there is no ${file}`;
  const code = await readLimitedText(join(dir, file));
  return new RegExp(`^class ${name}\\b`, 'm').test(code)
    ? undefined
    : `is ${shown}, and ${file} defines no class ${name}`;
}
