import type { Rule } from '../rule.ts';
import { WHEN_RUNNABLE } from '../runnable.ts';

export const everyLength: Rule = {
  code: 'every-length',
  title: 'texts of one token to the maximum get a score',
  group: 'inference',
  severity: 'error',
  explanation:
    'Sequences of 1, 2, 3 … tokens, on both sides of every power of two and of the trained maximum run and give a finite logit. Attention in blocks, fixed positions and padding to a multiple break at such lengths, and no test split has them all.',
  fix: 'export it again: hubwright export <bundle>; in a graph of your own, leave the length free',
  cheap: false,
  ...WHEN_RUNNABLE,
  async check({ invariance }) {
    const { lengths } = await invariance();
    const bad = lengths.filter(({ logit }) => !Number.isFinite(logit)).map(({ length }) => length);
    if (bad.length === 0) return { findings: [] };
    return {
      findings: [
        { path: 'model.onnx', message: `gives no finite logit for texts of ${bad.join(', ')} tokens` },
      ],
    };
  },
};
