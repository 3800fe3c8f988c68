import type { Rule } from '../rule.ts';
import { findNearRows } from '../texts/near-search.ts';
import { findOverlaps, type RowPair } from '../texts/overlaps.ts';
import type { TextSurvey } from '../texts/text-survey.ts';

/** Share of the five-word runs of two texts that they have in common. */
const THRESHOLD = 0.8;

export const leakNear: Rule = {
  code: 'leak-near',
  title: 'no test row is nearly a trained one',
  group: 'data',
  severity: 'warning',
  explanation:
    'No text of a split shares 80 % or more of its runs of five words with one of a split that came before it (Jaccard similarity, found with MinHash and bands: 95 % of the pairs at that limit are found, nearly all that are more alike). Rows that the other two leak rules report are not counted again. Texts made from one form may be alike by design: then ignore this rule and say so.',
  fix: 'keep texts of one origin in one split, or ignore this rule with the reason',
  cheap: true,
  needs: ['csv-schema'],
  async check(subject) {
    const { compared, findings } = await findOverlaps(
      subject,
      matchNear,
      (count, file) => `${count} nearly the same as one in ${file}`,
    );
    return compared === 0 ? { notApplicable: 'there is one split only' } : { findings };
  },
};

function matchNear(a: TextSurvey, b: TextSurvey): RowPair[] {
  const same = new Set(b.normalised);
  return findNearRows(a.sketches, b.sketches, THRESHOLD)
    .filter(({ row }) => !same.has(a.normalised[row] ?? ''))
    .map(({ row, other }): RowPair => [row, other]);
}
