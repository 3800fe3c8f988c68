import { docsOf, GROUPS, type Group, type Rule } from './rule.ts';
import { RULES } from './rules/index.ts';
import { selectRules } from './selection.ts';

/** A rule as others may know it, without its code. */
export type RuleFacts = Omit<Rule, 'check'> & { readonly docs: string };

/**
 * Facts about the rules of these codes or groups, or about all.
 *
 * @throws HubwrightError USAGE for a name that is no rule's and no group's.
 */
export function describeRules(names?: readonly string[]): RuleFacts[] {
  return selectRules(RULES, { only: names }).map(({ check: _, ...rule }) => ({
    ...rule,
    docs: docsOf(rule),
  }));
}

/** docs/rules.md: written from the registry, so that it cannot say anything else. */
export function formatCatalogue(): string {
  const groups = Object.keys(GROUPS) as Group[];
  return `${INTRODUCTION}\n${groups.flatMap(formatGroup).join('\n')}`;
}

function formatGroup(group: Group): string[] {
  const rules = RULES.filter((rule) => rule.group === group);
  if (rules.length === 0) return [];
  return [`## ${GROUPS[group]}\n\nGroup \`${group}\`.\n`, ...rules.map(formatRule)];
}

function formatRule({ code, title, severity, cheap, needs = [], explanation, fix }: Rule): string {
  const facts = [
    severity === 'error' ? 'An error' : 'A warning',
    cheap ? 'needs no inference' : 'needs inference',
    ...(needs.length === 0 ? [] : [`after ${needs.map((need) => `\`${need}\``).join(', ')}`]),
  ];
  return `### ${code}\n\n*${upperFirst(title)}.* ${explanation}\n\n*Fix*: ${fix}.\n\n${facts.join('; ')}.\n`;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const INTRODUCTION = `# Rules

This page is written from the rules themselves by \`npm run generate\`; \`hubwright rules\` prints the same.

\`hubwright verify\` runs the rules in this order. A rule that cannot run is *skipped* and says why; skipped is never
passed. A rule whose finding is an error *fails*, one whose findings are all warnings *warns*; with \`--strict\` warnings
fail the run too. A report is \`ok\`, and lets a bundle be published, only when no rule failed and \`metrics-recompute\` ran
over the whole test split.

| to | type |
|---|---|
| check some rules or groups only | \`hubwright verify <bundle> --only card,weights-finite\` |
| check what needs no inference, as before a commit | \`hubwright verify <bundle> --cheap\` |
| leave a rule out, this once | \`hubwright verify <bundle> --ignore data-duplicates="templates repeat by design"\` |
| leave a rule out for good | \`"verify": {"ignore": [{"rule": "data-duplicates", "reason": "…"}]}\` in \`hubwright.json\` |
| read about a rule | \`hubwright rules weights-finite\` |

A rule is left out only with a reason, in the config as on the command line, and the report shows it: whoever reads the
report later was not there to ask. A run with \`--only\`, \`--cheap\` or \`--sample\` is labelled \`partial\`; it never lets a
bundle be published, and never takes the place of a passing report about the same files.

Exit codes of \`verify\`: 0 when nothing failed, 1 when a check failed (with \`--strict\` also when one warned), 2 when the
command line, the config or the folder is wrong, 3 when the Hub could not be reached, 4 when no check failed and yet
nothing was proven: what had to be checked was skipped.
`;
