import { HubwrightError } from '../errors.ts';
import { discussionAnswer, discussionsAnswer, openedAnswer } from './hub-answers.ts';
import type { Hub } from './hub-client.ts';
import { PATIENCE, type PatientOptions, waitToRepeat } from './patience.ts';

/**
 * Stands in the description, unseen, of every pull request that Hubwright opened: by it the next run of the same command
 * finds its own.
 */
const MARKS = { publish: '<!-- hubwright publish -->', card: '<!-- hubwright card -->' } as const;

/** The command that a pull request is of. */
export type PullKind = keyof typeof MARKS;
/** Open pull requests that are looked through, newest first. */
const MAX_CANDIDATES = 20;

export interface PullRequest {
  readonly num: number;
  readonly title: string;
  readonly status: string;
  /** The id of the comment that is its description, and the text of that. */
  readonly comment: { readonly id: string; readonly text: string } | undefined;
}

/**
 * The open pull request that an earlier run of this account made.
 *
 * @param author undefined when the account is not known: then the mark alone decides
 */
export async function findOwnPull(
  hub: Hub,
  author: string | undefined,
  kind: PullKind = 'publish',
): Promise<PullRequest | undefined> {
  const query = new URLSearchParams({ type: 'pull_request', status: 'open' });
  if (author !== undefined) query.set('author', author);
  const url = `${hub.api}/discussions?${query}`;
  const { value } = await hub.connection.askFor(discussionsAnswer, 'look for an open pull request', url);
  const candidates = value.discussions.filter(
    (one) => one.isPullRequest && (author === undefined || one.author?.name === author),
  );
  for (const { num } of candidates.slice(0, MAX_CANDIDATES)) {
    const pull = await readPull(hub, num);
    if (pull.comment?.text.includes(MARKS[kind])) return pull;
  }
  return undefined;
}

async function readPull(hub: Hub, num: number): Promise<PullRequest> {
  const doing = `read pull request ${num}`;
  const { value } = await hub.connection.askFor(discussionAnswer, doing, `${hub.api}/discussions/${num}`);
  const first = value.events.find((event) => event.type === 'comment');
  const text = first?.data?.latest?.raw;
  return {
    num: value.num,
    title: value.title,
    status: value.status,
    comment: first === undefined || text === undefined ? undefined : { id: first.id, text },
  };
}

/**
 * Opens a pull request, as a draft, and returns its number. A request whose answer was lost may have opened one: so it
 * is looked for before it is asked for again.
 */
export async function openPull(
  hub: Hub,
  author: string | undefined,
  { title, description }: { readonly title: string; readonly description: string },
  options: PatientOptions,
  kind: PullKind = 'publish',
): Promise<number> {
  const { tries } = { ...PATIENCE, ...options.patience };
  const json = { title, description: mark(description, kind), pullRequest: true };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const doing = 'open a pull request';
      const question = { method: 'POST', json };
      return (await hub.connection.askFor(openedAnswer, doing, `${hub.api}/discussions`, question)).value.num;
    } catch (error) {
      if (!(error instanceof HubwrightError) || error.code === 'HUB_REFUSED') throw error;
      const landed = await findOwnPull(hub, author, kind);
      if (landed !== undefined) return landed.num;
      if (attempt === tries) throw error;
      await waitToRepeat(error.message, attempt, options);
    }
  }
}

/** Gives a pull request this description, and opens it when it is a draft still. */
export async function updatePull(
  hub: Hub,
  num: number,
  description: string,
  kind: PullKind = 'publish',
): Promise<void> {
  const { comment, status } = await readPull(hub, num);
  const url = `${hub.api}/discussions/${num}`;
  if (comment !== undefined && comment.text !== mark(description, kind)) {
    const json = { content: mark(description, kind) };
    const question = { method: 'POST', repeatable: true, json };
    await hub.connection.ask(`describe pull request ${num}`, `${url}/comment/${comment.id}/edit`, question);
  }
  if (status !== 'draft') return;
  const doing = `open pull request ${num} for review`;
  const question = { method: 'POST', json: { status: 'open' } };
  await hub.connection.ask(doing, `${url}/status`, question).catch(async (error: unknown) => {
    if ((await readPull(hub, num)).status !== 'open') throw error;
  });
}

const mark = (description: string, kind: PullKind): string => `${description}\n\n${MARKS[kind]}`;
