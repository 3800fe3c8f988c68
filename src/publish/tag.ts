import { HubwrightError } from '../errors.ts';
import type { Hub } from './hub-client.ts';

/**
 * Refuses a tag that stands on another commit already: moving it would change what people have pinned.
 *
 * @param target the commit it shall stand on; null for one that does not exist yet
 * @throws HubwrightError HUB_CONFLICT
 */
export function checkTag(tag: string, tags: ReadonlyMap<string, string>, target: string | null): void {
  const at = tags.get(tag);
  if (at === undefined || at === target) return;
  throw new HubwrightError('HUB_CONFLICT', `the tag ${tag} exists already, on commit ${at}`, {
    hint: 'choose another tag, or delete that one on the Hub',
  });
}

/** Sets a tag, unless it stands there already. @throws HubwrightError HUB_CONFLICT when it stands elsewhere */
export async function setTag(hub: Hub, tag: string, target: string): Promise<void> {
  const { tags } = await hub.readRefs();
  checkTag(tag, tags, target);
  if (tags.has(tag)) return;
  await hub.createTag(tag, target).catch(async (error: unknown) => {
    // Somebody was quicker, or the answer was lost: what counts is where the tag stands now.
    const now = (await hub.readRefs()).tags;
    checkTag(tag, now, target);
    if (!now.has(tag)) throw error;
  });
}
