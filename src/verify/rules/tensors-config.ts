import type { Rule } from '../rule.ts';

export const tensorsConfig: Rule = {
  code: 'tensors-config',
  title: 'config.json explains every tensor',
  severity: 'error',
  needs: ['json-strict', 'safetensors-header'],
  async check({ checkpoint }) {
    await checkpoint();
    return { findings: [] };
  },
};
