import type { Check, VerificationReport } from '../../../src/verification.ts';
import type { VerifyOptions } from '../../../src/verify/index.ts';

export type Damage = (dir: string) => void | Promise<void>;

/** One rule, one bundle, and what the rule says of it. */
export interface RuleCase {
  readonly code: string;
  readonly name: string;
  /** Done to a copy of the sample bundle, which is then locked again. */
  readonly damage: Damage;
  readonly status: Check['status'];
  /** Every finding in order, as `path: line n message`; a part of it is enough. For a skipped rule, its reason. */
  readonly says: readonly (string | RegExp)[];
  readonly options?: VerifyOptions;
  /** The damage is what the lock is to see: not locked again. */
  readonly unlocked?: boolean;
}

type Rest = Partial<Pick<RuleCase, 'options' | 'unlocked'>>;

const make =
  (status: Check['status']) =>
  (code: string, name: string, damage: Damage, says: RuleCase['says'], rest: Rest = {}): RuleCase => ({
    code,
    name,
    damage,
    status,
    says,
    ...rest,
  });

export const fails = make('fail');
export const warns = make('warn');
/** Where the sample bundle itself is not the passing case, or another one is worth seeing. */
export const passes = (code: string, name: string, damage: Damage, rest: Rest = {}): RuleCase =>
  make('pass')(code, name, damage, [], rest);
export const skips = (code: string, name: string, damage: Damage, reason: string | RegExp): RuleCase =>
  make('skip')(code, name, damage, [reason]);

/** What a report says in the form of `RuleCase.says`. */
export function listSaid({ findings, checks }: VerificationReport): string[] {
  return findings.length > 0
    ? findings.map(
        ({ path, line, message }) => `${path}: ${line === undefined ? '' : `line ${line} `}${message}`,
      )
    : checks.flatMap(({ reason }) => reason ?? []);
}
