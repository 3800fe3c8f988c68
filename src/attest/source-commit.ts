import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Origin } from '../bundle.ts';

/** A repository on a slow disk must not hold up what can be done without it. */
const TIMEOUT_MS = 10_000;

/**
 * What is checked out where a folder lies: the commit, and the repository that `origin` names. Whether files were edited
 * since is not asked: that can run programs which the repository's own settings name.
 *
 * @returns undefined outside of a repository, in one without a commit, and where there is no Git
 */
export async function findSourceCommit(dir: string): Promise<Origin['source']> {
  const commit = await askGit(dir, ['rev-parse', '--verify', 'HEAD^{commit}']);
  if (commit === undefined || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return undefined;
  const remote = await askGit(dir, ['config', '--get', 'remote.origin.url']);
  const repository = remote === undefined ? undefined : toGitUri(remote);
  return { commit, ...(repository === undefined ? {} : { repository }) };
}

async function askGit(dir: string, args: readonly string[]): Promise<string | undefined> {
  const answer = promisify(execFile)('git', ['-C', dir, ...args], { timeout: TIMEOUT_MS });
  return answer.then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

/**
 * The address of a remote as SPDX and SLSA write it: `git+https://…`. Passwords, tokens and queries are left out, and so
 * is the user's name, but for that by which ssh hosts know Git.
 *
 * @returns undefined for a path of this machine, which means nothing elsewhere
 */
export function toGitUri(remote: string): string | undefined {
  const [, user = '', host, path] = /^(?:([\w.-]+)@)?([\w.-]{2,}):(?!\/\/)([\w./~-]+)$/.exec(remote) ?? [];
  const text = host === undefined ? remote : `ssh://${user === '' ? '' : `${user}@`}${host}/${path}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!/^(https?|ssh|git):$/.test(url.protocol) || url.host === '') return undefined;
  const account = url.protocol === 'ssh:' && url.username === 'git' ? 'git@' : '';
  return `git+${url.protocol}//${account}${url.host}${url.pathname}`;
}
