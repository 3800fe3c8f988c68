import { z } from 'zod';
import { isOwner, requireProposer, requireReadable } from '../access.ts';
import { sendJson } from '../answer.ts';
import { readJson } from '../body.ts';
import { writeCommit } from '../commit-writer.ts';
import { BUSY, type Exchange, getParam, type Handler, isSet, withRepositoryLock } from '../exchange.ts';
import { authenticationRequired, badRequest, forbidden, HttpError } from '../http-error.ts';
import { LIMITS } from '../limits.ts';
import {
  checkOpen,
  compareHeads,
  createDiscussion,
  openPullRequest,
  readHeads,
  squash,
} from '../pull-request.ts';
import { commentEvent, type Discussion, type DiscussionEvent, startEvent } from '../storage/discussions.ts';
import { DEFAULT_BRANCH, readCommitAt, walkHistory } from '../storage/history.ts';
import type { Repository } from '../storage/repository.ts';
import { requireDiscussion, requireModerated } from './discussion-access.ts';
import { describeDiscussion, describeEvent, renderDiff } from './discussion-answer.ts';

const title = z.string().trim().min(3).max(200);
const text = z.string().max(LIMITS.commitMessage);
const creation = z.object({ title, description: text.nullish(), pullRequest: z.boolean().nullish() });

/** POST /api/models/:ns/:name/discussions. A pull request opened so is a draft without commits of its own. */
export const openDiscussion: Handler = async (exchange) => {
  const repository = await requireProposer(exchange);
  const body = await readJson(exchange.request, creation);
  const author = exchange.viewer?.user ?? '';
  const description = body.description ?? '';
  const { num, status } =
    body.pullRequest === true
      ? await openDraft(repository, author, body.title, description)
      : await createDiscussion(repository, async () => ({
          title: body.title,
          status: 'open',
          author,
          createdAt: new Date().toISOString(),
          events: [commentEvent(author, description)],
        }));
  sendJson(exchange.response, { num, pullRequest: body.pullRequest === true, status });
};

async function openDraft(
  repository: Repository,
  author: string,
  name: string,
  description: string,
): Promise<Discussion> {
  const head = await readCommitAt(repository, (await repository.readRefs()).branches.get(DEFAULT_BRANCH));
  if (head === undefined) throw new HttpError(404, 'The repository has no commit');
  const about = { title: name, description, base: DEFAULT_BRANCH, status: 'draft' } as const;
  return openPullRequest(repository, author, head, about);
}

/** GET /api/models/:ns/:name/discussions?p&type&status&author, newest first. */
export const listDiscussions: Handler = async (exchange) => {
  const { query, response } = exchange;
  const repository = await requireReadable(exchange);
  const [type, status, author] = ['type', 'status', 'author'].map((name) => query.get(name) ?? 'all');
  const all = await repository.discussions.list();
  const wanted = all.filter((discussion) => {
    const isOpen = discussion.status === 'open' || discussion.status === 'draft';
    const isPull = discussion.base !== undefined;
    return (
      (type === 'all' || isPull === (type === 'pull_request')) &&
      (status === 'all' || isOpen === (status === 'open')) &&
      (author === 'all' || discussion.author === author)
    );
  });
  const page = Math.max(0, Math.trunc(Number(query.get('p') ?? 0)) || 0);
  const start = page * LIMITS.discussionsPage;
  sendJson(response, {
    discussions: wanted
      .slice(start, start + LIMITS.discussionsPage)
      .map((discussion) => describeDiscussion(repository, discussion)),
    count: wanted.length,
    start,
    numClosedDiscussions: all.filter((one) => one.status === 'closed' || one.status === 'merged').length,
  });
};

/** GET /api/models/:ns/:name/discussions/:num[?diff=1] */
export const describeOne: Handler = async (exchange) => {
  const repository = await requireReadable(exchange);
  const discussion = await requireDiscussion(repository, Number(getParam(exchange, 'num')));
  const common = {
    ...describeDiscussion(repository, discussion),
    events: discussion.events.map(describeEvent),
  };
  if (discussion.base === undefined) return sendJson(exchange.response, common);
  const { base, mergeCommitId } = discussion;
  const isDone = mergeCommitId !== undefined;
  const { head, target } = await readHeads(repository, discussion);
  const changes = await compareHeads(repository, head, target);
  const wantsDiff = isSet(exchange.query, 'diff');
  sendJson(exchange.response, {
    ...common,
    changes: { base, ...(isDone ? { mergeCommitId } : {}) },
    filesWithConflicts: isDone ? [] : changes.conflicts,
    ...(wantsDiff ? { diff: await renderDiff(repository, changes) } : {}),
  });
};

/** POST …/discussions/:num/comment, for everybody who may read. */
export const comment: Handler = async (exchange) => {
  const repository = await requireProposer(exchange);
  const { num } = await requireDiscussion(repository, Number(getParam(exchange, 'num')));
  const body = await readJson(exchange.request, z.object({ comment: text.min(1) }));
  const event = commentEvent(exchange.viewer?.user ?? '', body.comment);
  await addEvents(repository, num, [event]);
  sendJson(exchange.response, { newMessage: describeEvent(event) });
};

/** POST …/discussions/:num/title */
export const rename: Handler = async (exchange) => {
  const { repository, discussion, user } = await requireModerated(exchange);
  const body = await readJson(exchange.request, z.object({ title }));
  const event = {
    ...startEvent(user),
    type: 'title-change',
    from: discussion.title,
    to: body.title,
  } as const;
  await addEvents(repository, discussion.num, [event], { title: body.title });
  sendJson(exchange.response, { newTitle: describeEvent(event) });
};

/** POST …/discussions/:num/status */
export const changeStatus: Handler = async (exchange) => {
  const { repository, discussion, user } = await requireModerated(exchange);
  const schema = z.object({ status: z.enum(['open', 'closed']), comment: text.nullish() });
  const body = await readJson(exchange.request, schema);
  if (discussion.status === 'merged') throw badRequest('A merged pull request stays merged');
  if (discussion.status === body.status) throw badRequest(`The discussion is ${body.status} already`);
  const event = { ...startEvent(user), type: 'status-change', status: body.status } as const;
  const remark = body.comment ? [commentEvent(user, body.comment)] : [];
  await addEvents(repository, discussion.num, [...remark, event], { status: body.status });
  sendJson(exchange.response, { newStatus: describeEvent(event) });
};

/** POST …/discussions/:num/merge: one commit on the base, for the repository's owners. */
export const merge: Handler = async (exchange) => {
  const { repository, discussion, user } = await requireModerated(exchange);
  const { num, base } = discussion;
  if (!isOwner(exchange, repository)) throw forbidden('Only the owners of the repository may merge');
  if (base === undefined) throw badRequest(`Discussion ${num} is no pull request`);
  checkOpen(discussion);
  exchange.hub.countCommit?.(repository);
  await withRepositoryLock(exchange.hub, repository.key, BUSY, async () => {
    const { head, target } = await readHeads(repository, discussion);
    const changes = await compareHeads(repository, head, target);
    if (changes.conflicts.length > 0) {
      throw new HttpError(409, `There are conflicts in ${changes.conflicts.join(', ')}`);
    }
    const titles: string[] = [];
    for await (const commit of walkHistory(repository, head)) {
      if (commit.oid === target.oid || titles.length === 100) break;
      if (discussion.events.some((event) => event.type === 'commit' && event.oid === commit.oid)) {
        titles.push(`- ${commit.message.split('\n')[0]} (${commit.oid})`);
      }
    }
    const message = `${discussion.title} (#${num})\n\n${titles.reverse().join('\n')}`.trim();
    const oid = await writeCommit(repository, target, user, message, await squash(repository, changes));
    await repository.updateRefs((refs) => ({ ...refs, branches: new Map(refs.branches).set(base, oid) }));
    const event = { ...startEvent(user), type: 'status-change', status: 'merged' } as const;
    await addEvents(repository, num, [event], { status: 'merged', mergeCommitId: oid });
  });
  sendJson(exchange.response, {});
};

/** POST …/discussions/:num/comment/:id/edit and …/hide, for the comment's author. */
export const editComment: Handler = async (exchange) => {
  const body = await readJson(exchange.request, z.object({ content: text.min(1) }));
  await changeComment(exchange, (event) => ({
    ...event,
    text: body.content,
    history: [...event.history, event.text],
    updatedAt: new Date().toISOString(),
  }));
};
export const hideComment: Handler = (exchange) =>
  changeComment(exchange, (event) => ({ ...event, text: '', history: [], hidden: true }));

type Comment = DiscussionEvent & { type: 'comment' };

async function changeComment(exchange: Exchange, change: (event: Comment) => Comment): Promise<void> {
  const repository = await requireReadable(exchange);
  if (exchange.viewer === undefined) throw authenticationRequired();
  const { user } = exchange.viewer;
  const { num, events } = await requireDiscussion(repository, Number(getParam(exchange, 'num')));
  const found = events.find((event) => event.id === getParam(exchange, 'id') && event.type === 'comment');
  if (found?.type !== 'comment') throw new HttpError(404, 'Comment not found');
  if (found.author !== user) throw forbidden('Only the author may change a comment');
  const changed = change(found);
  await repository.discussions.update(num, (discussion) => ({
    ...discussion,
    events: discussion.events.map((event) => (event.id === found.id ? changed : event)),
  }));
  sendJson(exchange.response, { updatedComment: describeEvent(changed) });
}

async function addEvents(
  repository: Repository,
  num: number,
  events: readonly DiscussionEvent[],
  change: Partial<Discussion> = {},
): Promise<void> {
  await repository.discussions.update(num, (discussion) => ({
    ...discussion,
    ...change,
    events: [...discussion.events, ...events],
  }));
}
