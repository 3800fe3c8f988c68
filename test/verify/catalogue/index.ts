import type { Mutation } from './damage.ts';
import { EVIDENCE_MUTATIONS } from './evidence.ts';
import { MODEL_MUTATIONS } from './model.ts';
import { WEIGHT_MUTATIONS } from './weights.ts';

/** Every damage, by what it is done to. */
export const CATALOGUE: Readonly<Record<string, readonly Mutation[]>> = {
  Weights: WEIGHT_MUTATIONS,
  'Configuration, tokenizer, code and graph': MODEL_MUTATIONS,
  'Metrics, data, card, files and privacy': EVIDENCE_MUTATIONS,
};

/** docs/detection.md. */
export function formatDetection(): string {
  const all = Object.values(CATALOGUE).flat();
  const tables = Object.entries(CATALOGUE).map(([title, mutations]) =>
    [
      `## ${title}`,
      '',
      '| damage | caught by |',
      '|---|---|',
      ...mutations.map(
        ({ name, caughtBy }) =>
          `| ${name} | ${caughtBy.map((rule) => `[${rule}](rules.md#${rule})`).join(', ')} |`,
      ),
    ].join('\n'),
  );
  return [
    '# What is caught',
    `${all.length} kinds of damage. Each is done to a bundle that passes, which is then locked again as if it had always been
so; a test (\`test/verify/mutations.test.ts\`) verifies it and asks that each rule named here speaks of it. Others may
speak too. This page is written from that test's catalogue: \`npx vitest run test/verify/mutations.test.ts -u\`.`,
    ...tables,
    '',
  ].join('\n\n');
}
