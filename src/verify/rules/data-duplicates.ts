import { SPLIT_FILES } from '../../splits.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const dataDuplicates: Rule = {
  code: 'data-duplicates',
  title: 'no split repeats a row',
  group: 'data',
  severity: 'warning',
  explanation:
    'Within a split, no text comes twice, letter for letter. In the test split a repeated row counts twice in every metric, and the confidence intervals are narrower than the data allows.',
  fix: 'df.drop_duplicates() before splitting, then train and evaluate again',
  cheap: true,
  needs: ['csv-schema'],
  async check({ texts }) {
    const findings: RuleFinding[] = [];
    for (const name of ['train', 'eval', 'test'] as const) {
      const survey = await texts(name);
      const first = new Map<string, number>();
      const repeated: [number, number][] = [];
      for (const [row, digest] of survey?.exact.entries() ?? []) {
        const earlier = first.get(digest);
        if (earlier === undefined) first.set(digest, row);
        else repeated.push([row, earlier]);
      }
      const [pair] = repeated;
      if (pair === undefined) continue;
      const message = `${repeated.length} of ${survey?.exact.length} rows repeat an earlier one: row ${pair[0] + 1} is row ${pair[1] + 1}`;
      findings.push({ path: SPLIT_FILES[name], message });
    }
    return { findings };
  },
};
