import type { Rule, RuleFinding } from '../rule.ts';

export const weightsFinite: Rule = {
  code: 'weights-finite',
  title: 'no weight is NaN or infinite',
  group: 'weights',
  severity: 'error',
  explanation:
    'No value of any tensor is NaN or infinite. One of them spreads to every score that it touches; training that diverged, and a cast to float16 that overflowed, leave such values.',
  fix: 'save the weights of an earlier checkpoint, or train again with a smaller learning rate or in bfloat16',
  cheap: true,
  needs: ['safetensors-header'],
  async check({ surveys }) {
    const findings: RuleFinding[] = [];
    for (const [path, { facts = [] }] of await surveys()) {
      for (const { name, nonFinite, firstNonFinite } of facts) {
        if (nonFinite === 0) continue;
        const values = nonFinite === 1 ? '1 value that is' : `${nonFinite} values that are`;
        findings.push({
          path,
          message: `${name} holds ${values} NaN or infinite, the first at index ${firstNonFinite}`,
        });
      }
    }
    return { findings };
  },
};
