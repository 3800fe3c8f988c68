import { HubwrightError } from '../errors.ts';
import { showText } from '../formats/shown-text.ts';
import type { Hub, PastCommit } from './hub-client.ts';
import { listNames } from './names.ts';
import { changedFiles } from './plan.ts';
import type { RemoteFile } from './remote-state.ts';
import type { Round } from './send.ts';

/** Commits that are named. */
const MAX_NAMED = 3;

/**
 * Says whose commit came between a plan and the next one.
 *
 * @throws HubwrightError HUB_CONFLICT when it touches a file that this publish would change: nobody's work is
 * overwritten unseen
 */
export async function describeInterloper(hub: Hub, before: Round, now: Round): Promise<string> {
  const words = await nameCommits(hub, before.there.head, now.there.head);
  const ours = [...changedFiles(before.plan), ...before.plan.deleted].map(({ path }) => path);
  const touched = ours.filter((path) => oidOf(before.there.files, path) !== oidOf(now.there.files, path));
  if (touched.length === 0) return `${words}: planned anew on top of it`;
  const message = `${words}, and changed ${listNames(touched)}, which this publish changes too`;
  throw new HubwrightError('HUB_CONFLICT', `${message}: nothing was committed`, {
    hint: 'look at that commit, then run the same command again to publish on top of it',
  });
}

function oidOf(files: readonly RemoteFile[], path: string): string | undefined {
  return files.find((file) => file.path === path)?.gitOid;
}

async function nameCommits(hub: Hub, from: string | null, to: string | null): Promise<string> {
  const history = to === null ? [] : await hub.listCommits(to).catch((): PastCommit[] => []);
  const end = history.findIndex(({ oid }) => oid === from);
  const theirs = history.slice(0, end === -1 ? 1 : end);
  if (theirs.length === 0) return 'somebody else committed meanwhile';
  const named = theirs
    .slice(0, MAX_NAMED)
    .map(
      ({ author, title, oid }) => `${showText(author)} committed "${showText(title)}" (${oid.slice(0, 7)})`,
    );
  const more = theirs.length > MAX_NAMED ? ` and ${theirs.length - MAX_NAMED} more` : '';
  return `${named.join(', ')}${more} meanwhile`;
}
