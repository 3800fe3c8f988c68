import { requireCommit, requireReadable } from '../access.ts';
import { linkNext, sendJson } from '../answer.ts';
import { getParam, type Handler, readLimit } from '../exchange.ts';
import { LIMITS } from '../limits.ts';
import { type CommitAt, describeCommit, walkHistory } from '../storage/history.ts';

/** GET /api/models/:ns/:name/commits/:rev?limit&p, newest first; `p` counts pages from 0. */
export const listCommits: Handler = async (exchange) => {
  const { query, response } = exchange;
  const repository = await requireReadable(exchange);
  const start = await requireCommit(repository, getParam(exchange, 'rev'));
  const limit = readLimit(
    query,
    LIMITS.commitsPageDefault,
    LIMITS.commitsPage,
    '"limit" must be less than or equal to 1000',
  );
  const page = Math.max(0, Math.trunc(Number(query.get('p') ?? 0)) || 0);
  const history: CommitAt[] = [];
  for await (const commit of walkHistory(repository, start)) history.push(commit);
  const rows = history.slice(page * limit, (page + 1) * limit).map((commit) => ({
    ...describeCommit(commit),
    authors: [{ user: commit.author, avatar: '' }],
  }));
  sendJson(response, rows, 200, {
    'X-Total-Count': history.length,
    ...((page + 1) * limit < history.length ? linkNext(exchange, 'p', String(page + 1)) : {}),
  });
};
