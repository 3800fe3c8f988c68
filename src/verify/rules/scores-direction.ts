import { correlateSpearman } from '../../metrics/correlation.ts';
import { findLevels } from '../../metrics/levels.ts';
import type { Rule } from '../rule.ts';

export const scoresDirection: Rule = {
  code: 'scores-direction',
  title: 'a higher score means a higher label',
  group: 'metrics',
  severity: 'error',
  explanation:
    'The recorded predictions rise with the labels: their rank correlation is above 0. Below it the head has the wrong sign, or the label column means the opposite; above it and near 0, the model knows next to nothing, which `beats-mean` tells.',
  fix: 'check the sign of the head and input.label; a reward that falls with quality trains the wrong behaviour',
  cheap: true,
  needs: ['csv-schema', 'row-counts'],
  async check({ split, predictions }) {
    const { labels } = await split('test');
    const rho = correlateSpearman(findLevels(labels), findLevels(await predictions()));
    if (rho === null) return { skipped: 'labels or predictions are constant' };
    if (rho > 0) return { findings: [] };
    const message = `falls where the labels rise: Spearman's ρ is ${rho.toFixed(3)}`;
    return { findings: [{ path: 'test_predictions.csv', message }] };
  },
};
