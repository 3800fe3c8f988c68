import { type LockDifference, listDifferences } from '../../bundle.ts';
import type { Rule } from '../rule.ts';

export const lockIntact: Rule = {
  code: 'lock-intact',
  title: 'every file is as the lock records it',
  group: 'files',
  severity: 'error',
  explanation:
    'Every file has the bytes that `hubwright.lock.json` records (for a downloaded copy: the ones that its `verification.json` lists). An edit after assembling would otherwise go out unseen.',
  fix: 'if the change is wanted, make it in the run folder and assemble again: hubwright assemble <run-dir> --out <bundle>; if not, undo it',
  cheap: true,
  async check({ hashes, lock }) {
    const differences = listDifferences(await hashes(), lock);
    return {
      findings: differences.map((difference) => ({
        path: difference.path,
        message: describe(difference),
        // Assembling again would leave it where it is.
        ...(difference.kind === 'unexpected'
          ? { hint: 'remove it: only what assemble put there is published' }
          : {}),
      })),
    };
  },
};

function describe(difference: LockDifference): string {
  if (difference.kind === 'missing') return 'is in the lock and not in the bundle';
  if (difference.kind !== 'changed') return 'is in the bundle and not in the lock';
  if (difference.actual === difference.expected) return 'has another size than the lock records';
  return `was changed: sha256 is ${difference.actual.slice(0, 12)}…, the lock says ${difference.expected.slice(0, 12)}…`;
}
