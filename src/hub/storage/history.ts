import type { Commit } from './git-object.ts';
import { REF_PREFIX } from './refs.ts';
import type { Repository } from './repository.ts';
import { findEntry } from './tree.ts';

/** A commit and its id. */
export interface CommitAt extends Commit {
  readonly oid: string;
}

/** The branch that `HEAD` means; every repository has it and none can delete it. */
export const DEFAULT_BRANCH = 'main';

/** The commit that a revision means: `HEAD`, a branch, a tag, a pull request's or other full ref, or a commit id of 7 digits or more. */
export async function resolveRevision(
  repository: Repository,
  revision: string,
): Promise<CommitAt | undefined> {
  const refs = await repository.readRefs();
  const named =
    refs.branches.get(revision === 'HEAD' ? DEFAULT_BRANCH : revision.replace(/^refs\/heads\//, '')) ??
    refs.tags.get(revision.replace(/^refs\/tags\//, '')) ??
    (revision.startsWith(REF_PREFIX.pulls)
      ? refs.pulls.get(revision.slice(REF_PREFIX.pulls.length))
      : undefined);
  return readCommitAt(repository, named ?? (await expandCommitId(repository, revision)));
}

/** A commit by its full id. */
export async function readCommitAt(
  repository: Repository,
  oid: string | undefined,
): Promise<CommitAt | undefined> {
  const commit = oid === undefined ? undefined : await repository.objects.readCommit(oid);
  return oid === undefined || commit === undefined ? undefined : { ...commit, oid };
}

async function expandCommitId(repository: Repository, revision: string): Promise<string | undefined> {
  if (/^[0-9a-f]{40}$/.test(revision)) return revision;
  if (!/^[0-9a-f]{7,39}$/.test(revision)) return undefined;
  const candidates = await repository.objects.findPrefix(revision);
  const commits = await Promise.all(candidates.map((oid) => readCommitAt(repository, oid)));
  const [only, ...others] = commits.filter((commit) => commit !== undefined);
  return others.length === 0 ? only?.oid : undefined;
}

/** The commits from `start` back to the first, newest first. */
export async function* walkHistory(repository: Repository, start: CommitAt): AsyncGenerator<CommitAt> {
  let commit: CommitAt | undefined = start;
  while (commit !== undefined) {
    yield commit;
    commit = await readCommitAt(repository, commit.parent);
  }
}

/** For each path, the commit that last changed it. Every path must exist in `start`. */
export async function findLastCommits(
  repository: Repository,
  start: CommitAt,
  paths: readonly string[],
): Promise<Map<string, CommitAt>> {
  const found = new Map<string, CommitAt>();
  const oidAt = async (commit: CommitAt | undefined, path: string) =>
    commit === undefined ? undefined : (await findEntry(repository.objects, commit.tree, path))?.oid;
  let open = [...paths];
  for await (const commit of walkHistory(repository, start)) {
    if (open.length === 0) break;
    const before = await readCommitAt(repository, commit.parent);
    const unchanged: string[] = [];
    for (const path of open) {
      if ((await oidAt(commit, path)) === (await oidAt(before, path))) unchanged.push(path);
      else found.set(path, commit);
    }
    open = unchanged;
  }
  return found;
}

/** A commit's title, the rest of its message, and its date as the API gives them. */
export function describeCommit(commit: CommitAt): {
  id: string;
  title: string;
  message: string;
  date: string;
} {
  const [title = '', ...rest] = commit.message.split('\n');
  return {
    id: commit.oid,
    title,
    message: rest.join('\n').trim(),
    date: new Date(commit.seconds * 1000).toISOString(),
  };
}
