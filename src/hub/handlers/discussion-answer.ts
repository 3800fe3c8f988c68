import { createTwoFilesPatch } from 'diff';
import { escapeMarkup } from '../../formats/markup.ts';
import { LIMITS } from '../limits.ts';
import type { Changes } from '../pull-request.ts';
import type { Discussion, DiscussionEvent } from '../storage/discussions.ts';
import type { Repository } from '../storage/repository.ts';
import { isBinary } from '../upload-mode.ts';

/** A discussion as the API lists it. */
export function describeDiscussion(
  repository: Repository,
  { num, title, status, author, createdAt, base, events }: Discussion,
): Record<string, unknown> {
  return {
    num,
    title,
    status,
    createdAt,
    isPullRequest: base !== undefined,
    author: describeAuthor(author),
    repo: { name: repository.id, type: 'model' },
    repoOwner: { name: repository.meta.namespace },
    numComments: events.filter(({ type }) => type === 'comment').length,
    pinned: false,
  };
}

/** An event as the API gives it. A comment's Markdown is shown as it is, not rendered. */
export function describeEvent(event: DiscussionEvent): Record<string, unknown> {
  const { id, type, createdAt, author } = event;
  return { id, type, createdAt, author: describeAuthor(author), data: describeData(event) };
}

function describeData(event: DiscussionEvent): Record<string, unknown> {
  switch (event.type) {
    case 'status-change':
      return { status: event.status };
    case 'title-change':
      return { from: event.from, to: event.to };
    case 'commit':
      return { subject: event.subject, oid: event.oid };
    case 'comment':
      return {
        edited: event.history.length > 0,
        hidden: event.hidden,
        numEdits: event.history.length,
        latest: {
          raw: event.text,
          html: `<pre>${escapeMarkup(event.text)}</pre>`,
          updatedAt: event.updatedAt,
          author: describeAuthor(event.author),
        },
        history: event.history.map((raw) => ({ raw, author: describeAuthor(event.author) })),
      };
  }
}

function describeAuthor(name: string): Record<string, unknown> {
  return { name, fullname: name, type: 'user', avatarUrl: '' };
}

/** The changes as git shows them. Binary and very long files are named only. */
export async function renderDiff(repository: Repository, changes: Changes): Promise<string> {
  const { before, after, paths } = changes;
  const parts: string[] = [];
  for (const path of paths) {
    const sides = await Promise.all(
      [before.get(path), after.get(path)].map((blob) =>
        blob === undefined ? undefined : repository.objects.readBlob(blob),
      ),
    );
    const [from, to] = sides.map((side, index) =>
      side === undefined ? '/dev/null' : `${index === 0 ? 'a' : 'b'}/${path}`,
    );
    const head = `diff --git a/${path} b/${path}\n`;
    if (sides.some((side) => side !== undefined && (isBinary(side) || side.length > LIMITS.describedFile))) {
      parts.push(`${head}Binary files ${from} and ${to} differ\n`);
      continue;
    }
    const [old = '', now = ''] = sides.map((side) => side?.toString('utf8') ?? '');
    const patch = createTwoFilesPatch(from ?? '', to ?? '', old, now);
    parts.push(head + patch.replace(/^=+\n/, ''));
  }
  return parts.join('');
}
