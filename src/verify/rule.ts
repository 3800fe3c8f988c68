import type { Finding, MetricComparison } from '../verification.ts';
import type { Subject } from './subject.ts';

/** What a rule says about a bundle: a finding without the parts that the registry fills in. */
export type RuleFinding = Pick<Finding, 'path' | 'message'> & Partial<Pick<Finding, 'hint' | 'severity'>>;

export type RuleOutcome =
  /** The rule ran; no findings means it passed. */
  | { readonly findings: readonly RuleFinding[]; readonly metrics?: readonly MetricComparison[] }
  /** The rule could not run, and says why. This is not a pass. */
  | { readonly skipped: string };

/**
 * One thing that must hold for a bundle. Its code is its file's name, its section in docs/rules.md and what
 * `verify.ignore` in `hubwright.json` names.
 */
export interface Rule {
  readonly code: string;
  /** What holds when the rule passes, in a few words. */
  readonly title: string;
  readonly severity: Finding['severity'];
  /** Rules without whose passing this one makes no sense; it is skipped when one of them fails. */
  readonly needs?: readonly string[];
  /**
   * Looks at the bundle. Reading something unreadable may throw HubwrightError: it becomes this rule's finding.
   */
  check(subject: Subject): Promise<RuleOutcome>;
}
