import { REFUSAL, requireWritable } from '../access.ts';
import { refusePullRequest, sendJson } from '../answer.ts';
import { readCommitRequest } from '../commit-request.ts';
import { writeCommit } from '../commit-writer.ts';
import { getParam, type Handler, withRepositoryLock } from '../exchange.ts';
import { HttpError, revisionNotFound } from '../http-error.ts';
import { readCommitAt } from '../storage/history.ts';

const BUSY = 'Another commit operation is in progress for this repository. Please try again later.';
const STALE = 'The branch was updated since you opened this page. Please refresh and try again.';

/** POST /api/models/:ns/:name/commit/:rev, NDJSON. */
export const commit: Handler = async (exchange) => {
  const { request, response, origin, viewer, hub } = exchange;
  const repository = await requireWritable(exchange, REFUSAL.upload);
  refusePullRequest(exchange);
  const branch = getParam(exchange, 'rev');
  if (!(await repository.readRefs()).branches.has(branch)) throw revisionNotFound(branch);
  const { message, parentCommit, operations } = await readCommitRequest(request, repository, hub.secrets);

  const oid = await withRepositoryLock(hub, repository.key, BUSY, async () => {
    const head = (await repository.readRefs()).branches.get(branch);
    const parent = await readCommitAt(repository, head);
    if (parent === undefined) throw revisionNotFound(branch);
    if (parentCommit !== undefined && !parent.oid.startsWith(parentCommit)) throw new HttpError(412, STALE);
    const created = await writeCommit(repository, parent, viewer?.user ?? '', message, operations);
    await repository.updateRefs(({ branches, tags }) => {
      // Branches can be reset without the lock: what was built on is no longer there then.
      if (branches.get(branch) !== parent.oid) throw new HttpError(412, STALE);
      return { branches: new Map(branches).set(branch, created), tags };
    });
    return created;
  });
  sendJson(response, {
    success: true,
    commitOid: oid,
    commitUrl: `${origin}/${repository.id}/commit/${oid}`,
    hookOutput: '',
  });
};
