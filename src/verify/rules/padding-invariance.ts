import { judgeDifference } from '../judge-invariance.ts';
import type { Rule } from '../rule.ts';
import { WHEN_RUNNABLE } from '../runnable.ts';

export const paddingInvariance: Rule = {
  code: 'padding-invariance',
  title: 'padding does not change a score',
  group: 'inference',
  severity: 'error',
  explanation:
    'A text scored alone and padded beside longer ones has the same logit, for lengths from one token to the trained maximum or 512. Pooling or attention that looks at padding is the most common fault of exported models: it shows only when somebody batches texts of different lengths.',
  fix: 'export it again: hubwright export <bundle>; in a graph of your own, apply the attention mask in every layer and in the pooling',
  cheap: false,
  ...WHEN_RUNNABLE,
  async check({ invariance }) {
    const { padding } = await invariance();
    return judgeDifference(
      padding,
      (difference, length) =>
        `gives a text of ${length} tokens another logit when it is padded: off by ${difference}`,
    );
  },
};
