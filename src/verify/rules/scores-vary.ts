import type { Rule, RuleFinding } from '../rule.ts';

/** Closer to an end of the sigmoid than this a score says nothing more. */
const END = 0.001;
const TOO_MANY = 0.5;

export const scoresVary: Rule = {
  code: 'scores-vary',
  title: 'the scores are neither constant nor saturated',
  group: 'metrics',
  severity: 'error',
  explanation:
    'The recorded predictions are not all the same, nor do they take a handful of values only; and less than half of them lie within 0.001 of an end of the sigmoid, unless the labels do too. Otherwise the head is dead, the sigmoid was applied twice, or training diverged.',
  fix: 'look at the weights of the head (weights-alive, weights-finite) and at head.activation',
  cheap: true,
  needs: ['csv-schema', 'row-counts'],
  async check({ split, predictions, config }) {
    const { labels } = await split('test');
    const scores = await predictions();
    const distinct = new Set(scores).size;
    const path = 'test_predictions.csv';
    const findings: RuleFinding[] = [];
    if (scores.length > 1 && distinct === 1) {
      findings.push({ path, message: `gives every one of ${scores.length} rows the score ${scores[0]}` });
    } else if (scores.length > 50 && distinct < 5 && new Set(labels).size > 2 * distinct) {
      findings.push({
        path,
        severity: 'warning',
        message: `takes only ${distinct} different values in ${scores.length} rows`,
      });
    }
    if ((await config()).head.activation !== 'sigmoid') return { findings };
    const share = shareAtEnds(scores);
    if (share > TOO_MANY && share > 2 * shareAtEnds(labels)) {
      const message = `${(share * 100).toFixed(0)} % of the scores lie within ${END} of 0 or 1; of the labels ${(shareAtEnds(labels) * 100).toFixed(0)} %`;
      findings.push({ path, message });
    }
    return {
      findings,
      margin: { what: 'share of scores at an end', actual: Number(share.toPrecision(3)), limit: TOO_MANY },
    };
  },
};

function shareAtEnds(values: Float64Array): number {
  return values.filter((value) => value < END || value > 1 - END).length / values.length;
}
