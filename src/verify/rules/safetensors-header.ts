import type { Rule } from '../rule.ts';

export const safetensorsHeader: Rule = {
  code: 'safetensors-header',
  title: 'every byte of the weights belongs to one tensor',
  group: 'weights',
  severity: 'error',
  explanation:
    'The weights file is whole: header readable, and each byte of the data belongs to exactly one tensor. Catches truncated downloads, git-LFS pointers and manipulated files.',
  fix: 'save or copy the weights again',
  cheap: true,
  async check({ header }) {
    await header();
    return { findings: [] };
  },
};
