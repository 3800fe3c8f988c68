import { join } from 'node:path';
import { parseJson, parseJsonObject, readJsonText } from '../../formats/json.ts';
import { listJsonFaults } from '../../formats/json-faults.ts';
import { findFault } from '../fault-finding.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** What sentence-transformers wants as a list; every other file of a model repository is an object. */
const LISTS = new Set(['modules.json']);

const MEND = 'write the file again, in UTF-8 without a byte-order mark, with each key once';

export const jsonStrict: Rule = {
  code: 'json-strict',
  title: 'every JSON file is strict JSON',
  group: 'files',
  severity: 'error',
  explanation:
    'Every JSON file is strict JSON. Python writes `NaN` and `Infinity`, which the Hub and every other language refuse; its own reader fails at a byte-order mark; and of a key that comes twice some readers take the first value, others the last.',
  fix: 'compute the value again, or write null',
  cheap: true,
  async check({ dir, files }) {
    const findings: RuleFinding[] = [];
    for (const path of files.filter((name) => name.endsWith('.json'))) {
      try {
        const text = await readJsonText(join(dir, path));
        if (LISTS.has(path)) parseJson(text, path);
        else parseJsonObject(text, path);
        findings.push(...listJsonFaults(text).map((fault) => ({ path, hint: MEND, ...fault })));
      } catch (error) {
        findings.push(findFault(error, path));
      }
    }
    return { findings };
  },
};
