import { SPLIT_FILES } from '../../splits.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** Of the spread of all labels; two raters differ by less. */
const TOLERATED = 0.25;

export const labelConflicts: Rule = {
  code: 'label-conflicts',
  title: 'equal texts have equal labels',
  group: 'data',
  severity: 'warning',
  explanation:
    'Texts that are equal, but for case, punctuation and spaces, have labels that differ by less than a quarter of the range of all labels, in whichever split they are. No model can be right about both.',
  fix: 'decide which label is right, or take their mean, and train again',
  cheap: true,
  needs: ['csv-schema'],
  async check({ texts }) {
    const seen = new Map<string, { file: string; row: number; label: number }>();
    const conflicts: { file: string; text: string }[] = [];
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const pairs: {
      file: string;
      row: number;
      label: number;
      earlier: { file: string; row: number; label: number };
    }[] = [];
    for (const name of ['train', 'eval', 'test'] as const) {
      const survey = await texts(name);
      for (const [row, digest] of survey?.normalised.entries() ?? []) {
        const here = { file: SPLIT_FILES[name], row: row + 1, label: survey?.labels[row] ?? Number.NaN };
        least = Math.min(least, here.label);
        most = Math.max(most, here.label);
        const earlier = seen.get(digest);
        if (earlier === undefined) seen.set(digest, here);
        else pairs.push({ ...here, earlier });
      }
    }
    for (const { file, row, label, earlier } of pairs) {
      if (Math.abs(label - earlier.label) < TOLERATED * (most - least) || most === least) continue;
      conflicts.push({
        file,
        text: `row ${row} has the label ${label}; the same text in ${earlier.file}, row ${earlier.row}, has ${earlier.label}`,
      });
    }
    const findings = Object.values(SPLIT_FILES).flatMap((path): RuleFinding[] => {
      const own = conflicts.filter(({ file }) => file === path);
      const [first] = own;
      if (first === undefined) return [];
      const more = own.length === 1 ? '' : ` (and ${own.length - 1} more such rows)`;
      return [{ path, message: `${first.text}${more}` }];
    });
    return { findings };
  },
};
