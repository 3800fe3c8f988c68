import type { Rule, RuleFinding } from '../rule.ts';

export const weightsAlive: Rule = {
  code: 'weights-alive',
  title: 'no weight matrix is one and the same value',
  group: 'weights',
  severity: 'error',
  explanation:
    'No matrix holds a single value throughout. A head of zeros gives every text the same score; a layer of zeros was never loaded, or was overwritten. Vectors may be constant: a norm that was frozen keeps its ones.',
  fix: 'save the weights that training ended with: trainer.save_model(run_dir)',
  cheap: true,
  needs: ['safetensors-header'],
  async check({ surveys, header }) {
    const { tensors } = await header();
    const findings: RuleFinding[] = [];
    for (const [path, { facts = [] }] of await surveys()) {
      for (const { name, constant } of facts) {
        const shape = tensors.get(name)?.shape ?? [];
        const count = shape.reduce((product, dim) => product * dim, 1);
        if (!constant || shape.length < 2 || count < 2) continue;
        findings.push({ path, message: `${name} [${shape.join(', ')}] holds one value, ${count} times` });
      }
    }
    return { findings };
  },
};
