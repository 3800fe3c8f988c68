import type { Rule } from '../rule.ts';
import { findOverlaps, matchDigests } from '../texts/overlaps.ts';

export const leakExact: Rule = {
  code: 'leak-exact',
  title: 'no test row was trained on',
  group: 'data',
  severity: 'error',
  explanation:
    'No text of the test split is in the training or the evaluation split, and none of the evaluation split in the training split, letter for letter. A model that has seen a row remembers its label: the metrics then say nothing about new texts.',
  fix: 'drop these rows from the training split and train again, or drop them from the test split and evaluate again',
  cheap: true,
  needs: ['csv-schema'],
  async check(subject) {
    const { compared, findings } = await findOverlaps(
      subject,
      (a, b) => matchDigests(a.exact, b.exact),
      (count, file) => `${count} in ${file} too, letter for letter`,
    );
    return compared === 0 ? { notApplicable: 'there is one split only' } : { findings };
  },
};
