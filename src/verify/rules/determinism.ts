import { judgeDifference } from '../judge-invariance.ts';
import type { Rule } from '../rule.ts';
import { WHEN_RUNNABLE } from '../runnable.ts';

export const determinism: Rule = {
  code: 'determinism',
  title: 'the same batch twice gives the same scores',
  group: 'inference',
  severity: 'error',
  explanation:
    'One batch run twice gives the same logits. Dropout that was left on when the graph was exported does not.',
  fix: 'export it in evaluation mode: hubwright export <bundle>, or model.eval() before torch.onnx.export',
  cheap: false,
  ...WHEN_RUNNABLE,
  async check({ invariance }) {
    const { repetition } = await invariance();
    return judgeDifference(
      repetition,
      (difference, length) =>
        `gives a text of ${length} tokens another logit the second time: off by ${difference}`,
      1e-6,
    );
  },
};
