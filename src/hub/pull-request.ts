import type { CommitOperation } from './commit-request.ts';
import { HttpError } from './http-error.ts';
import { commentEvent, type Discussion, startEvent } from './storage/discussions.ts';
import { readFileFacts } from './storage/file-facts.ts';
import { type CommitAt, readCommitAt, walkHistory } from './storage/history.ts';
import { REF_PREFIX } from './storage/refs.ts';
import type { Repository } from './storage/repository.ts';
import { readFiles } from './storage/tree.ts';

/** What a pull request changes, seen from where it left its base. A blob of `undefined` means deleted. */
export interface Changes {
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
  /** Paths that differ between the two, in order. */
  readonly paths: readonly string[];
  /** Those that the base has changed in another way since. */
  readonly conflicts: readonly string[];
}

/** The number in `refs/pr/<num>`; `undefined` for every other revision. */
export function readPullNumber(revision: string): number | undefined {
  const digits = revision.startsWith(REF_PREFIX.pulls) ? revision.slice(REF_PREFIX.pulls.length) : '';
  return /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : undefined;
}

/** Opens a pull request whose commits start at `head`. */
export function openPullRequest(
  repository: Repository,
  author: string,
  head: CommitAt,
  about: { title: string; description: string; base: string; status: 'draft' | 'open' },
): Promise<Discussion> {
  const { title, description, base, status } = about;
  return createDiscussion(repository, async (num) => {
    await repository.updateRefs((refs) => ({
      ...refs,
      pulls: new Map(refs.pulls).set(String(num), head.oid),
    }));
    const events = [commentEvent(author, description)];
    return { title, status, author, createdAt: new Date().toISOString(), base, events };
  });
}

/** Stores a discussion under a number that neither another one nor a leftover ref has. */
export async function createDiscussion(
  repository: Repository,
  fill: (num: number) => Promise<Omit<Discussion, 'num'>>,
): Promise<Discussion> {
  const taken = [...(await repository.readRefs()).pulls.keys()].map(Number);
  return repository.discussions.create(taken, fill);
}

/** Notes a commit to the pull request's branch among its events. */
export async function noteCommit(
  repository: Repository,
  num: number,
  author: string,
  commit: CommitAt,
): Promise<void> {
  const subject = commit.message.split('\n')[0] ?? '';
  const event = { ...startEvent(author), type: 'commit', subject, oid: commit.oid } as const;
  await repository.discussions.update(num, (found) => ({ ...found, events: [...found.events, event] }));
}

/** Throws 403 when commits to this pull request are no longer taken. */
export function checkOpen({ num, status }: Discussion): void {
  if (status !== 'open' && status !== 'draft') {
    throw new HttpError(403, `Pull request ${num} is ${status}: nothing can be committed to it`);
  }
}

/** The head of a pull request and of the branch it is for. */
export async function readHeads(
  repository: Repository,
  { num, base }: Discussion,
): Promise<{ head: CommitAt; target: CommitAt }> {
  const { pulls, branches } = await repository.readRefs();
  const head = await readCommitAt(repository, pulls.get(String(num)));
  const target = await readCommitAt(repository, branches.get(base ?? ''));
  if (head === undefined || target === undefined) {
    throw new HttpError(409, `The branch "${base}" of pull request ${num} does not exist any more`);
  }
  return { head, target };
}

/** Compares a pull request with its base file by file, as a three-way merge does. */
export async function compareHeads(
  repository: Repository,
  head: CommitAt,
  target: CommitAt,
): Promise<Changes> {
  const start = await findMergeBase(repository, head, target);
  const { objects } = repository;
  const before = start === undefined ? new Map<string, string>() : await readFiles(objects, start.tree);
  const after = await readFiles(objects, head.tree);
  const now = await readFiles(objects, target.tree);
  const paths = [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .sort();
  const conflicts = paths.filter(
    (path) => now.get(path) !== before.get(path) && now.get(path) !== after.get(path),
  );
  return { before, after, paths, conflicts };
}

/** The changes as operations of one commit on the base, as the Hub merges: squashed. */
export function squash(repository: Repository, { after, paths }: Changes): Promise<CommitOperation[]> {
  return Promise.all(
    paths.map(async (path) => {
      const blob = after.get(path);
      if (blob === undefined) return { kind: 'delete', path } as const;
      const lfs = (await readFileFacts(repository, blob)).lfs !== undefined;
      return { kind: 'add', path, blob, lfs } as const;
    }),
  );
}

async function findMergeBase(
  repository: Repository,
  head: CommitAt,
  target: CommitAt,
): Promise<CommitAt | undefined> {
  const known = new Set<string>();
  for await (const { oid } of walkHistory(repository, target)) known.add(oid);
  for await (const commit of walkHistory(repository, head)) if (known.has(commit.oid)) return commit;
  return undefined;
}
