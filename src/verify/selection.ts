import { type ErrorCode, HubwrightError } from '../errors.ts';
import { findNearest } from '../formats/nearest-name.ts';
import { GROUPS, type Rule } from './rule.ts';

/** A rule that is left out, and why. */
export interface Ignored {
  readonly rule: string;
  readonly reason: string;
}

export interface SelectionOptions {
  /** Codes of rules or names of groups; all of them without it. The report is then `partial`. */
  readonly only?: readonly string[] | undefined;
  /** Only the rules that need no inference. The report is then `partial`. */
  readonly cheap?: boolean | undefined;
  /** Rules to leave out beside those of `verify.ignore`; the report shows the reason. */
  readonly ignore?: readonly Ignored[] | undefined;
}

/**
 * The rules that are asked for, in their own order.
 *
 * @throws HubwrightError USAGE for a name that is no rule's and no group's, or when nothing is left.
 */
export function selectRules(rules: readonly Rule[], { only, cheap }: SelectionOptions): readonly Rule[] {
  for (const name of only ?? [])
    checkName(name, [...rules.map(({ code }) => code), ...Object.keys(GROUPS)], 'USAGE');
  const wanted = new Set(only);
  const chosen = rules.filter(
    (rule) =>
      (only === undefined || wanted.has(rule.code) || wanted.has(rule.group)) &&
      (cheap !== true || rule.cheap),
  );
  if (chosen.length > 0) return chosen;
  throw new HubwrightError('USAGE', 'no rule is left to check: those that are named need inference', {
    hint: 'leave --cheap out, or name other rules: hubwright rules',
  });
}

/**
 * Reasons by rule. What the caller says goes before what the config says.
 *
 * @throws HubwrightError USAGE or CONFIG for a name that is no rule's.
 */
export function listIgnored(
  rules: readonly Rule[],
  config: readonly Ignored[],
  flags: readonly Ignored[] = [],
): ReadonlyMap<string, string> {
  const codes = rules.map(({ code }) => code);
  for (const { rule } of config) checkName(rule, codes, 'CONFIG', 'verify.ignore in hubwright.json: ');
  for (const { rule, reason } of flags) {
    checkName(rule, codes, 'USAGE');
    if (reason.trim() === '') {
      throw new HubwrightError('USAGE', `${rule} is to be ignored without a reason`, {
        hint: `say why, for the readers of the report: --ignore ${rule}="the reason"`,
      });
    }
  }
  return new Map([...config, ...flags].map(({ rule, reason }) => [rule, reason]));
}

function checkName(name: string, known: readonly string[], code: ErrorCode, where = ''): void {
  if (known.includes(name)) return;
  const near = findNearest(name, known);
  throw new HubwrightError(
    code,
    `${where}there is no rule ${JSON.stringify(name)}${near === undefined ? '' : `; did you mean ${near}?`}`,
    { hint: 'list them: hubwright rules' },
  );
}
