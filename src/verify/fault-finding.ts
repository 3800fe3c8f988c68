import { basename } from 'node:path';
import { HubwrightError } from '../errors.ts';
import type { RuleFinding } from './rule.ts';

const UNREADABLE: ReadonlySet<string> = new Set(['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR']);

/** The caller stopped it, or asked for what cannot be: neither says anything about the bundle. */
const NO_FINDING: ReadonlySet<string> = new Set(['ABORTED', 'USAGE']);

/**
 * What a failed read says about the bundle: a file that is missing or broken is a fact about it. Anything else is not a
 * rule's to judge and is thrown on.
 *
 * @param path the file that was read; left out, the error's message tells it
 */
export function findFault(error: unknown, path?: string): RuleFinding {
  if (error instanceof HubwrightError && !NO_FINDING.has(error.code)) {
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return { path: path ?? '.', message: error.message, ...hint };
  }
  const failure = error as NodeJS.ErrnoException;
  if (failure.path === undefined || !UNREADABLE.has(failure.code ?? '')) throw error;
  return { path: path ?? basename(failure.path), message: 'cannot be read' };
}
