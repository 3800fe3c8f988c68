import { join } from 'node:path';
import { parseJson, readJsonObject, readJsonText } from '../../formats/json.ts';
import { findFault } from '../fault-finding.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** What sentence-transformers wants as a list; every other file of a model repository is an object. */
const LISTS = new Set(['modules.json']);

export const jsonStrict: Rule = {
  code: 'json-strict',
  title: 'every JSON file is strict JSON',
  group: 'files',
  severity: 'error',
  explanation:
    'Every JSON file is strict JSON. Python writes `NaN` and `Infinity`, which the Hub and every other language refuse.',
  fix: 'compute the value again, or write null',
  cheap: true,
  async check({ dir, files }) {
    const findings: RuleFinding[] = [];
    for (const path of files.filter((name) => name.endsWith('.json'))) {
      try {
        if (LISTS.has(path)) parseJson(await readJsonText(join(dir, path)), path);
        else await readJsonObject(join(dir, path));
      } catch (error) {
        findings.push(findFault(error, path));
      }
    }
    return { findings };
  },
};
