import type { RuleFacts } from '../verify/catalogue.ts';
import { GROUPS } from '../verify/rule.ts';
import { COLUMNS, wrapText } from './lines.ts';
import type { Paint } from './pretty.ts';
import { formatTable } from './table.ts';

/** All rules in short, one a line, by group. */
export function formatRuleList(rules: readonly RuleFacts[], paint: Paint): string {
  const lines = formatTable(rules.map(({ code, title, cheap }) => [code, `${title}${cheap ? '' : ' *'}`]));
  const body = rules.flatMap(({ group }, i) => [
    ...(group === rules[i - 1]?.group ? [] : ['', paint('bold', `${group}: ${GROUPS[group]}`)]),
    `  ${lines[i]}`,
  ]);
  return [
    `${rules.length} rules; * needs inference, which --cheap leaves out`,
    ...body,
    '',
    'explain one: hubwright rules <name>',
  ].join('\n');
}

/** Rules in full: what is checked and why, and what to do when it fails. */
export function formatRules(rules: readonly RuleFacts[], paint: Paint): string {
  return rules
    .map(({ code, title, severity, cheap, explanation, fix }) =>
      [
        `${paint('bold', code)}: ${title}`,
        `  ${severity === 'error' ? 'fails the run' : 'warns; fails a --strict run'}, ${cheap ? 'needs no inference' : 'needs inference'}`,
        ...wrapText(explanation.replaceAll('`', ''), COLUMNS - 2).map((line) => `  ${line}`),
        ...wrapText(`→ ${fix}`, COLUMNS - 2).map((line) => paint('dim', `  ${line}`)),
      ].join('\n'),
    )
    .join('\n\n');
}
