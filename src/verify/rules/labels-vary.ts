import { SPLIT_FILES } from '../../splits.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const labelsVary: Rule = {
  code: 'labels-vary',
  title: 'the labels of every split vary',
  group: 'data',
  severity: 'error',
  explanation:
    'No split has one and the same label in all its rows. There is nothing to learn from such a split, R² and correlations have no value on it, and the column is probably not the one that was meant.',
  fix: 'set input.label in hubwright.json to the column of the true scores',
  cheap: true,
  needs: ['csv-schema'],
  async check({ files, split }) {
    const findings: RuleFinding[] = [];
    for (const name of ['train', 'eval', 'test'] as const) {
      const path = SPLIT_FILES[name];
      if (!files.includes(path)) continue;
      const { labels } = await split(name);
      const [first] = labels;
      if (labels.length > 1 && labels.every((label) => label === first)) {
        findings.push({ path, message: `has the label ${first} in all of its ${labels.length} rows` });
      }
    }
    return { findings };
  },
};
