import { isOwner, requireReadable } from '../access.ts';
import { type Exchange, getParam } from '../exchange.ts';
import { authenticationRequired, forbidden, HttpError } from '../http-error.ts';
import { checkOpen } from '../pull-request.ts';
import type { Discussion } from '../storage/discussions.ts';
import type { Repository } from '../storage/repository.ts';

/** The discussion of this number; 404 when there is none. */
export async function requireDiscussion(repository: Repository, num: number): Promise<Discussion> {
  const found = Number.isInteger(num) && num > 0 ? await repository.discussions.find(num) : undefined;
  if (found === undefined) throw new HttpError(404, `Discussion ${num} not found`);
  return found;
}

/** The discussion that the route names, for someone who may change it: its author and the repository's owners. */
export async function requireModerated(
  exchange: Exchange,
): Promise<{ repository: Repository; discussion: Discussion; user: string }> {
  const repository = await requireReadable(exchange);
  const { viewer } = exchange;
  if (viewer === undefined) throw authenticationRequired();
  const discussion = await requireDiscussion(repository, Number(getParam(exchange, 'num')));
  checkModerator(exchange, repository, discussion);
  return { repository, discussion, user: viewer.user };
}

/** The pull request of this number, which takes commits of this caller. */
export async function requireOpenPull(
  exchange: Exchange,
  repository: Repository,
  num: number,
): Promise<Discussion> {
  const discussion = await requireDiscussion(repository, num);
  if (discussion.base === undefined) throw new HttpError(404, `Discussion ${num} is no pull request`);
  checkModerator(exchange, repository, discussion);
  checkOpen(discussion);
  return discussion;
}

function checkModerator(exchange: Exchange, repository: Repository, { author }: Discussion): void {
  const { viewer } = exchange;
  if (viewer?.role !== 'write') throw forbidden('you must use a write token for this');
  if (viewer.user !== author && !isOwner(exchange, repository)) {
    throw forbidden('Only the author and the owners of the repository may do this');
  }
}
