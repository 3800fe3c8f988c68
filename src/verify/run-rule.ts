import type {
  BaselineComparison,
  Check,
  Finding,
  MetricComparison,
  VariantComparison,
} from '../verification.ts';
import { findFault } from './fault-finding.ts';
import { docsOf, type Rule, type RuleFinding, type RuleOutcome } from './rule.ts';
import type { Subject } from './subject.ts';

export interface RuleResult {
  readonly check: Check;
  readonly findings: readonly Finding[];
  readonly metrics: readonly MetricComparison[];
  readonly variants: readonly VariantComparison[];
  readonly baseline?: BaselineComparison;
}

/** Runs one rule, unless it is ignored or what it needs has failed before it. */
export async function runRule(
  rule: Rule,
  subject: Subject,
  before: readonly RuleResult[],
  ignored: ReadonlyMap<string, string>,
): Promise<RuleResult> {
  const { code, group, title, severity, fix } = rule;
  const about = { rule: code, group, title, severity, docs: docsOf(rule) };
  const skip = (why: Pick<Check, 'reason' | 'ignored' | 'notApplicable'>): RuleResult => ({
    check: { ...about, status: 'skip', ...why },
    findings: [],
    metrics: [],
    variants: [],
  });
  const reason = ignored.get(code);
  if (reason !== undefined) return skip({ reason, ignored: true });
  const unmet = before.find(
    ({ check }) =>
      (rule.needs?.includes(check.rule) && !['pass', 'warn'].includes(check.status)) ||
      (rule.haltedBy?.includes(check.rule) && check.status === 'fail'),
  );
  if (unmet !== undefined) return skip({ reason: `needs ${unmet.check.rule}` });

  const outcome: RuleOutcome = await rule
    .check(subject)
    .catch((error: unknown) => ({ findings: [placeFault(findFault(error), subject.files)] }));
  if ('skipped' in outcome) return skip({ reason: outcome.skipped });
  if ('notApplicable' in outcome) return skip({ reason: outcome.notApplicable, notApplicable: true });
  const findings = outcome.findings.map((finding) => ({ rule: code, severity, hint: fix, ...finding }));
  const { margin, baseline, metrics = [], variants = [] } = outcome;
  const check: Check = { ...about, status: judge(findings), ...(margin === undefined ? {} : { margin }) };
  return { check, findings, metrics, variants, ...(baseline === undefined ? {} : { baseline }) };
}

/** A message tells which file it is about; the first that it names is the place. */
function placeFault(fault: RuleFinding, files: readonly string[]): RuleFinding {
  if (fault.path !== '.') return fault;
  const named = files.filter((path) => fault.message.includes(path));
  const at = (path: string) => fault.message.indexOf(path);
  const [first] = named.sort((a, b) => at(a) - at(b) || b.length - a.length);
  return first === undefined ? fault : { ...fault, path: first };
}

function judge(findings: readonly Finding[]): Check['status'] {
  if (findings.length === 0) return 'pass';
  return findings.some(({ severity }) => severity === 'error') ? 'fail' : 'warn';
}
