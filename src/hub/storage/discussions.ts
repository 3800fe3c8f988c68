import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './durable-file.ts';

/** What happened in a discussion, in the API's words. Times are ISO 8601. */
export type DiscussionEvent = {
  /** 24 hex digits. */
  readonly id: string;
  readonly author: string;
  readonly createdAt: string;
} & (
  | {
      readonly type: 'comment';
      readonly text: string;
      /** Earlier texts, oldest first. */
      readonly history: readonly string[];
      readonly hidden: boolean;
      readonly updatedAt: string;
    }
  | { readonly type: 'status-change'; readonly status: DiscussionStatus }
  | { readonly type: 'title-change'; readonly from: string; readonly to: string }
  | { readonly type: 'commit'; readonly subject: string; readonly oid: string }
);

export type DiscussionStatus = 'draft' | 'open' | 'closed' | 'merged';

/** A discussion; with `base` it is a pull request, whose commits are at `refs/pr/<num>`. */
export interface Discussion {
  readonly num: number;
  readonly title: string;
  readonly status: DiscussionStatus;
  readonly author: string;
  readonly createdAt: string;
  /** The branch that the pull request changes. */
  readonly base?: string;
  readonly mergeCommitId?: string;
  readonly events: readonly DiscussionEvent[];
}

/** A repository's discussions, one file each. */
export interface DiscussionStore {
  list(): Promise<Discussion[]>;
  find(num: number): Promise<Discussion | undefined>;
  /** Stores a new one under the next free number above `taken`. `fill` may do what has to be done before it shows. */
  create(
    taken: readonly number[],
    fill: (num: number) => Promise<Omit<Discussion, 'num'>>,
  ): Promise<Discussion>;
  /** Replaces one by what `change` makes of it. Changes run one after another. */
  update(num: number, change: (discussion: Discussion) => Discussion): Promise<Discussion | undefined>;
}

export function openDiscussionStore(
  folder: string,
  temporaryFolder: string,
  inSequence: <T>(work: () => Promise<T>) => Promise<T>,
): DiscussionStore {
  const pathOf = (num: number) => join(folder, `${num}.json`);
  const numbers = async () =>
    (await readdir(folder).catch(() => []))
      .map((name) => Number(/^(\d+)\.json$/.exec(name)?.[1] ?? 0))
      .filter((num) => num > 0)
      .sort((a, b) => b - a);
  const find = async (num: number) => {
    const text = await readFile(pathOf(num), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as Discussion);
  };
  const write = async (discussion: Discussion) => {
    await writeDurably(pathOf(discussion.num), Buffer.from(JSON.stringify(discussion)), temporaryFolder);
    return discussion;
  };
  return {
    find,
    list: async () => (await Promise.all((await numbers()).map(find))).filter((found) => found !== undefined),
    create: (taken, fill) =>
      inSequence(async () => {
        const num = Math.max(0, ...taken, ...(await numbers())) + 1;
        return write({ num, ...(await fill(num)) });
      }),
    update: (num, change) =>
      inSequence(async () => {
        const found = await find(num);
        return found === undefined ? undefined : write(change(found));
      }),
  };
}

/** What every event starts with. */
export function startEvent(author: string): { id: string; author: string; createdAt: string } {
  return { id: randomBytes(12).toString('hex'), author, createdAt: new Date().toISOString() };
}

/** A comment as an event. */
export function commentEvent(author: string, text: string): DiscussionEvent & { type: 'comment' } {
  const start = startEvent(author);
  return { ...start, type: 'comment', text, history: [], hidden: false, updatedAt: start.createdAt };
}
