import { REPO_ID } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { showText } from '../formats/shown-text.ts';

/** More names than this make an error unreadable. */
const MAX_NAMED = 10;

/** `a, b, c and 4 more` */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).map(showText).join(', ');
  return names.length > MAX_NAMED ? `${shown} and ${names.length - MAX_NAMED} more` : shown;
}

/** @throws HubwrightError USAGE unless it is owner/name */
export function checkRepo(repo: string): void {
  if (REPO_ID.test(repo)) return;
  throw new HubwrightError('USAGE', `${repo} is not the name of a repository: owner/name was expected`);
}

/** What Git takes for the name of a branch or a tag, and the Hub too. https://git-scm.com/docs/git-check-ref-format */
const REF_NAME =
  /^(?!.*(\.\.|\/\/|@\{|\.lock(\/|$)|\/\.))[^\s~^:?*[\\\p{Cc}.@/-][^\s~^:?*[\\\p{Cc}]*(?<![./])$/u;

/** @throws HubwrightError USAGE unless Git takes it as a name */
export function checkRefName(name: string, what: 'branch' | 'tag'): void {
  if (REF_NAME.test(name) && !name.startsWith('refs/') && !/^[0-9a-f]{40}$/.test(name)) return;
  throw new HubwrightError('USAGE', `${showText(name)} cannot be the name of a ${what}`, {
    hint: what === 'tag' ? 'such as --tag v1.0.0' : 'such as --branch release',
  });
}
