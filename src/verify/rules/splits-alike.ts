import { SPLIT_FILES } from '../../splits.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/**
 * The largest distance between two empirical distributions that chance allows once in a thousand times is
 * 1.95 √((m + n) / mn) (Smirnov 1948). In large splits that is small: what matters begins here.
 */
const CRITICAL = 1.95;
const LARGE = 0.15;

export const splitsAlike: Rule = {
  code: 'splits-alike',
  title: 'the splits have labels of one distribution',
  group: 'data',
  severity: 'warning',
  explanation:
    'The labels of the test and the evaluation split are spread as those of the training split: the largest distance between their cumulative distributions (Kolmogorov–Smirnov) is below 0.15, or below what chance alone gives once in a thousand times in splits of that size. Otherwise the metrics are about other data than the model was made for.',
  fix: 'shuffle before splitting; if the splits differ by design, ignore this rule and say how',
  cheap: true,
  needs: ['csv-schema'],
  async check({ files, split }) {
    if (!files.includes(SPLIT_FILES.train)) return { notApplicable: `there is no ${SPLIT_FILES.train}` };
    const train = (await split('train')).labels.slice().sort();
    const findings: RuleFinding[] = [];
    let margin: { what: string; actual: number; limit: number } | undefined;
    for (const name of ['eval', 'test'] as const) {
      const path = SPLIT_FILES[name];
      if (!files.includes(path)) continue;
      const labels = (await split(name)).labels.slice().sort();
      const actual = measureDistance(train, labels);
      const limit = Math.max(
        LARGE,
        CRITICAL * Math.sqrt((train.length + labels.length) / (train.length * labels.length)),
      );
      if (margin === undefined || actual / limit > margin.actual / margin.limit) {
        margin = { what: 'the largest distance between distributions', actual, limit };
      }
      if (actual <= limit) continue;
      const message = `its labels are spread otherwise than those of ${SPLIT_FILES.train}: distance ${actual.toFixed(2)}, at most ${limit.toFixed(2)} expected`;
      findings.push({ path, message });
    }
    return { findings, margin };
  },
};

/** The largest difference of two cumulative distributions, from ascending values. */
function measureDistance(a: Float64Array, b: Float64Array): number {
  let [i, j, largest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] as number, b[j] as number);
    while (i < a.length && a[i] === value) i += 1;
    while (j < b.length && b[j] === value) j += 1;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return largest;
}
