import type { Rule } from '../rule.ts';

export const configLength: Rule = {
  code: 'config-length',
  title: 'the encoder takes texts of the trained length',
  group: 'config',
  severity: 'error',
  explanation:
    '`input.maxLength` in hubwright.json, which training truncated to, is not beyond what the encoder has positions for.',
  fix: 'set input.maxLength in hubwright.json to what training truncated to, and assemble again',
  cheap: true,
  needs: ['tensors-config'],
  async check({ checkpoint, config }) {
    const { maxPositions } = (await checkpoint()).config;
    const { maxLength } = (await config()).input;
    const margin = { what: 'the longest input in tokens', actual: maxLength, limit: maxPositions };
    if (maxLength <= maxPositions) return { findings: [], margin };
    const message = `input.maxLength is ${maxLength}; config.json lets the encoder take at most ${maxPositions} tokens`;
    return { findings: [{ path: 'hubwright.json', message }], margin };
  },
};
