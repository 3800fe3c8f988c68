import { join } from 'node:path';
import { readLimitedText } from '../../formats/limited-file.ts';
import { listCardNumbers } from '../card-numbers.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** The card is what people read: its numbers must be the measured ones, to every digit that it prints. */
export const cardNumbers: Rule = {
  code: 'card-numbers',
  title: 'the card states the metrics of test_metrics.json',
  group: 'card',
  severity: 'error',
  explanation:
    'The metrics that the card states, in its metadata and its tables, are those of `test_metrics.json` to every digit printed.',
  fix: 'if test_metrics.json is right, regenerate the card: hubwright card <bundle>',
  cheap: true,
  needs: ['json-strict'],
  async check({ dir, claims }) {
    const path = 'README.md';
    const known = (await claims()).filter(({ metric }) => metric !== undefined);
    const findings: RuleFinding[] = [];
    let compared = 0;
    for (const number of listCardNumbers(await readLimitedText(join(dir, path)))) {
      const same = known.filter(({ accepts }) => accepts.includes(number.metric));
      if (same.length === 0) continue;
      compared++;
      if (same.some(({ value }) => Math.abs(value - number.value) <= number.precision)) continue;
      findings.push({
        path,
        message: `${number.where} says ${number.text}, test_metrics.json says ${same.map(({ value }) => value).join(' or ')}`,
      });
    }
    if (compared === 0) {
      findings.push({
        path,
        message: 'states none of the metrics of test_metrics.json, neither in model-index nor in a table',
      });
    }
    return { findings };
  },
};
