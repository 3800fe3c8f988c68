import type { Rule } from '../rule.ts';
import { findOverlaps, matchDigests, type RowPair } from '../texts/overlaps.ts';
import type { TextSurvey } from '../texts/text-survey.ts';

export const leakNormalised: Rule = {
  code: 'leak-normalised',
  title: 'no test row differs from a trained one in spelling only',
  group: 'data',
  severity: 'error',
  explanation:
    'As `leak-exact`, with capitals, punctuation, white space and compatibility forms of Unicode set aside. Rows that `leak-exact` reports are not counted again.',
  fix: 'compare the splits without case and punctuation before training, and drop what they share',
  cheap: true,
  needs: ['csv-schema'],
  async check(subject) {
    const { compared, findings } = await findOverlaps(
      subject,
      matchSpelling,
      (count, file) => `${count} in ${file} too, but for case, punctuation and spaces`,
    );
    return compared === 0 ? { notApplicable: 'there is one split only' } : { findings };
  },
};

function matchSpelling(a: TextSurvey, b: TextSurvey): RowPair[] {
  const same = new Set(b.exact);
  return matchDigests(a.normalised, b.normalised).filter(([row]) => !same.has(a.exact[row] ?? ''));
}
