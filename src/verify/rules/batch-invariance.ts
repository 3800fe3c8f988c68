import { judgeDifference } from '../judge-invariance.ts';
import type { Rule } from '../rule.ts';
import { WHEN_RUNNABLE } from '../runnable.ts';

export const batchInvariance: Rule = {
  code: 'batch-invariance',
  title: 'company does not change a score',
  group: 'inference',
  severity: 'error',
  explanation:
    'A text scored alone and in a batch of others of its length has the same logit. A graph that mixes rows, as a batch norm or a wrong reshape does, scores a text by its neighbours.',
  fix: 'export it again: hubwright export <bundle>; in a graph of your own, look for reductions over the batch axis',
  cheap: false,
  ...WHEN_RUNNABLE,
  async check({ invariance }) {
    const { company } = await invariance();
    return judgeDifference(
      company,
      (difference, length) =>
        `gives a text of ${length} tokens another logit among others: off by ${difference}`,
    );
  },
};
