import type {
  BaselineComparison,
  Finding,
  Margin,
  MetricComparison,
  VariantComparison,
} from '../verification.ts';
import type { Subject } from './subject.ts';

/** What a rule says about a bundle: a finding without the parts that the registry fills in. */
export type RuleFinding = Pick<Finding, 'path' | 'message'> &
  Partial<Pick<Finding, 'line' | 'hint' | 'severity'>>;

export type RuleOutcome =
  /** The rule ran; no findings means it passed. */
  | {
      readonly findings: readonly RuleFinding[];
      readonly metrics?: readonly MetricComparison[];
      readonly variants?: readonly VariantComparison[];
      /** How near to its limit a rule came that measures something. */
      readonly margin?: Margin | undefined;
      readonly baseline?: BaselineComparison;
    }
  /** The rule could not run, and says why. This is not a pass. */
  | { readonly skipped: string }
  /** The bundle has nothing that the rule is about, and nobody asked for it. This is not a pass either. */
  | { readonly notApplicable: string };

/** The groups of rules, in the order in which they run, with their titles. */
export const GROUPS = {
  files: 'Files',
  weights: 'Weights',
  config: 'Configuration',
  tokenizer: 'Tokenizer',
  code: 'Code',
  graph: 'ONNX graph',
  data: 'Data',
  privacy: 'Secrets, personal data and pickles',
  card: 'Model card',
  metrics: 'Metrics',
  inference: 'Inference',
  baseline: 'Baseline',
} as const;

export type Group = keyof typeof GROUPS;

/**
 * One thing that must hold for a bundle. Its code is its file's name, its section in docs/rules.md and what
 * `verify.ignore` in `hubwright.json`, `--ignore` and `--only` name.
 */
export interface Rule {
  readonly code: string;
  /** What holds when the rule passes, in a few words. */
  readonly title: string;
  readonly group: Group;
  readonly severity: Finding['severity'];
  /** Why it matters and what exactly is checked: Markdown, one paragraph. */
  readonly explanation: string;
  /** What to do when it fails. The hint of a finding that has none of its own. */
  readonly fix: string;
  /** Whether it needs no inference: a pre-commit hook runs these. */
  readonly cheap: boolean;
  /** Rules without whose passing this one makes no sense; it is skipped when one of them fails. */
  readonly needs?: readonly string[];
  /** Rules whose failing leaves this one nothing sound to look at; it runs where they had nothing to say. */
  readonly haltedBy?: readonly string[];
  /**
   * Looks at the bundle. Reading something unreadable may throw HubwrightError: it becomes this rule's finding.
   */
  check(subject: Subject): Promise<RuleOutcome>;
}

/** The section that explains a rule. */
export function docsOf({ code }: Pick<Rule, 'code'>): string {
  return `docs/rules.md#${code}`;
}
