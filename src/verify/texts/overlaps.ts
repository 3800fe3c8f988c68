import { SPLIT_FILES } from '../../splits.ts';
import type { RuleFinding } from '../rule.ts';
import type { Subject } from '../subject.ts';
import type { TextSurvey } from './text-survey.ts';

type SplitName = keyof typeof SPLIT_FILES;

/** Pairs of splits that must not share rows: the one that is judged, and the one that was seen before. */
const PAIRS: readonly (readonly [SplitName, SplitName])[] = [
  ['test', 'train'],
  ['test', 'eval'],
  ['eval', 'train'],
];

/** Rows of the one split with a row of the other, counted from 0. */
export type RowPair = readonly [row: number, other: number];

/**
 * Looks for rows that two splits share, by whatever `find` takes for the same, in every pair of splits that is there.
 *
 * @param describe what the rows are, such as `also in`
 */
export async function findOverlaps(
  { texts }: Subject,
  find: (a: TextSurvey, b: TextSurvey) => readonly RowPair[],
  describe: (count: string, otherFile: string) => string,
): Promise<{ compared: number; findings: RuleFinding[] }> {
  const findings: RuleFinding[] = [];
  let compared = 0;
  for (const [name, otherName] of PAIRS) {
    const [a, b] = [await texts(name), await texts(otherName)];
    if (a === undefined || b === undefined) continue;
    compared += 1;
    const pairs = find(a, b);
    const [first] = pairs;
    if (first === undefined) continue;
    const [row, other] = first;
    const count = `${pairs.length} of ${a.labels.length} rows ${pairs.length === 1 ? 'is' : 'are'}`;
    const file = SPLIT_FILES[otherName];
    findings.push({
      path: SPLIT_FILES[name],
      message: `${describe(count, file)}: row ${row + 1} is row ${other + 1} there`,
    });
  }
  return { compared, findings };
}

/** Rows of `a` whose digest some row of `b` has, with the first such row. */
export function matchDigests(a: readonly string[], b: readonly string[]): RowPair[] {
  const first = new Map<string, number>();
  for (const [row, digest] of b.entries()) if (!first.has(digest)) first.set(digest, row);
  return a.flatMap((digest, row): RowPair[] => {
    const other = first.get(digest);
    return other === undefined ? [] : [[row, other]];
  });
}
