import { validateCard } from '../../formats/card-yaml.ts';
import type { Rule } from '../rule.ts';

export const cardYaml: Rule = {
  code: 'card-yaml',
  title: 'the Hub accepts the metadata of the card',
  group: 'card',
  severity: 'error',
  explanation:
    'The YAML block of README.md is what the Hub checks before it takes a commit: known licence and languages, ids that are ids, lists that are lists, a complete `model-index`. The Hub refuses the commit otherwise, after everything has been uploaded.',
  fix: 'regenerate the card: hubwright card <bundle>',
  cheap: true,
  needs: ['required-files'],
  async check({ card }) {
    const { errors, warnings } = validateCard(await card());
    const path = 'README.md';
    return {
      findings: [
        ...errors.map(({ message }) => ({ path, message: `the Hub would refuse it: ${message}` })),
        ...warnings.map(({ message }) => ({
          path,
          severity: 'warning' as const,
          message: `the Hub would warn: ${message}`,
        })),
      ],
    };
  },
};
