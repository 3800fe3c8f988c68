import { join } from 'node:path';
import { readJsonObject } from '../../formats/json.ts';
import { findFault } from '../fault-finding.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const jsonStrict: Rule = {
  code: 'json-strict',
  title: 'every JSON file is strict JSON',
  severity: 'error',
  async check({ dir, files }) {
    const findings: RuleFinding[] = [];
    for (const path of files.filter((name) => name.endsWith('.json'))) {
      try {
        await readJsonObject(join(dir, path));
      } catch (error) {
        findings.push(findFault(error, path));
      }
    }
    return { findings };
  },
};
