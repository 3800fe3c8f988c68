import { join } from 'node:path';
import { HubwrightError } from '../../errors.ts';
import { readJsonObject } from '../../formats/json.ts';
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
        if (!(error instanceof HubwrightError)) throw error;
        findings.push({
          path,
          message: error.message,
          ...(error.hint === undefined ? {} : { hint: error.hint }),
        });
      }
    }
    return { findings };
  },
};
