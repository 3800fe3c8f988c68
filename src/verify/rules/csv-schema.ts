import { SPLIT_FILES } from '../../splits.ts';
import { findFault } from '../fault-finding.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const csvSchema: Rule = {
  code: 'csv-schema',
  title: 'every split has its columns, and labels in range',
  group: 'data',
  severity: 'error',
  explanation:
    'Every split is a readable CSV with the columns of `input.template`, and every label is a number in range: 0 to 1 for a sigmoid.',
  fix: 'drop or mend the row that the message names',
  cheap: true,
  async check({ files, split }) {
    const findings: RuleFinding[] = [];
    for (const name of ['train', 'eval', 'test'] as const) {
      const path = SPLIT_FILES[name];
      if (!files.includes(path)) continue;
      try {
        await split(name);
      } catch (error) {
        findings.push(findFault(error, path));
      }
    }
    return { findings };
  },
};
