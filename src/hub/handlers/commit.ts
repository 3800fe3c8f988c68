import { REFUSAL, requireProposer, requireWritable } from '../access.ts';
import { sendJson } from '../answer.ts';
import { type CommitRequest, readCommitRequest } from '../commit-request.ts';
import { writeCommit } from '../commit-writer.ts';
import { BUSY, type Exchange, getParam, type Handler, isSet, withRepositoryLock } from '../exchange.ts';
import { HttpError, revisionNotFound } from '../http-error.ts';
import { noteCommit, openPullRequest, readPullNumber } from '../pull-request.ts';
import { type CommitAt, readCommitAt, resolveRevision } from '../storage/history.ts';
import type { Refs } from '../storage/refs.ts';
import type { Repository } from '../storage/repository.ts';
import { requireOpenPull } from './discussion-access.ts';

const STALE = 'The branch was updated since you opened this page. Please refresh and try again.';

interface Committed {
  readonly oid: string;
  /** The pull request that the commit opened or went to. */
  readonly pull?: number;
}

/** POST /api/models/:ns/:name/commit/:rev[?create_pr=1], NDJSON. */
export const commit: Handler = async (exchange) => {
  const { request, response, origin, hub, query } = exchange;
  const revision = getParam(exchange, 'rev');
  const opensPull = isSet(query, 'create_pr');
  const pull = readPullNumber(revision);
  const repository =
    opensPull || pull !== undefined
      ? await requireProposer(exchange)
      : await requireWritable(exchange, REFUSAL.upload);
  if (pull !== undefined) await requireOpenPull(exchange, repository, pull);
  else if (!(await repository.readRefs()).branches.has(revision)) throw revisionNotFound(revision);
  hub.countCommit?.(repository);
  const wanted = await readCommitRequest(request, repository, hub.secrets);

  const { oid, pull: num } = await withRepositoryLock(hub, repository.key, BUSY, async () => {
    if (opensPull) return commitToNewPull(exchange, repository, revision, wanted);
    if (pull === undefined) return moveRef(exchange, repository, 'branches', revision, wanted);
    await requireOpenPull(exchange, repository, pull);
    const moved = await moveRef(exchange, repository, 'pulls', String(pull), wanted);
    const created = await readCommitAt(repository, moved.oid);
    if (created !== undefined) await noteCommit(repository, pull, exchange.viewer?.user ?? '', created);
    return { ...moved, pull };
  });
  sendJson(response, {
    success: true,
    commitOid: oid,
    commitUrl: `${origin}/${repository.id}/commit/${oid}`,
    hookOutput: '',
    ...(num === undefined ? {} : { pullRequestUrl: `${origin}/${repository.id}/discussions/${num}` }),
  });
};

async function moveRef(
  { viewer }: Exchange,
  repository: Repository,
  kind: keyof Refs,
  name: string,
  { message, parentCommit, operations }: CommitRequest,
): Promise<Committed> {
  const parent = await readCommitAt(repository, (await repository.readRefs())[kind].get(name));
  if (parent === undefined) throw revisionNotFound(name);
  if (parentCommit !== undefined && !parent.oid.startsWith(parentCommit)) throw new HttpError(412, STALE);
  const oid = await writeCommit(repository, parent, viewer?.user ?? '', message, operations);
  await repository.updateRefs((refs) => {
    // Branches can be reset without the lock: what was built on is no longer there then.
    if (refs[kind].get(name) !== parent.oid) throw new HttpError(412, STALE);
    return { ...refs, [kind]: new Map(refs[kind]).set(name, oid) };
  });
  return { oid };
}

/** As the real Hub does, the pull request starts at `parentCommit` when the client names one. */
async function commitToNewPull(
  { viewer }: Exchange,
  repository: Repository,
  base: string,
  { message, parentCommit, operations }: CommitRequest,
): Promise<Committed> {
  const author = viewer?.user ?? '';
  const parent = await resolveRevision(repository, parentCommit ?? `refs/heads/${base}`);
  if (parent === undefined) throw revisionNotFound(parentCommit ?? base);
  const oid = await writeCommit(repository, parent, author, message, operations);
  const [title = '', ...rest] = message.split('\n');
  const description = rest.join('\n').trim();
  const head: CommitAt | undefined = await readCommitAt(repository, oid);
  if (head === undefined) throw revisionNotFound(oid);
  const about = { title, description, base, status: 'open' } as const;
  const { num } = await openPullRequest(repository, author, head, about);
  await noteCommit(repository, num, author, head);
  return { oid, pull: num };
}
