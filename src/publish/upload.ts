import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { LockedFile } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';
import type { StageOptions } from '../progress.ts';
import type { Hub } from './hub-client.ts';
import { RUN_AGAIN, stopIfAborted } from './hub-failure.ts';
import { changedFiles, type PublishPlan } from './plan.ts';
import { findMismatches } from './read-back.ts';

/** After a broken commit, waits before each look at the head: a gateway may give up while the Hub still works. */
const LOOKS_MS = [0, 2_000, 5_000];

/**
 * Uploads the plan's changed files and commits them in one commit on top of `parent`. Returns the commit's id.
 *
 * @throws HubwrightError HUB_CONFLICT when the branch has moved, HUB_UNREACHABLE when the commit has not landed
 */
export async function upload(
  hub: Hub,
  dir: string,
  plan: PublishPlan,
  parent: string | null,
  options: StageOptions,
): Promise<string> {
  const changed = changedFiles(plan);
  const files = await Promise.all(
    changed.map(async ({ path }) => ({ path, content: await openAsBlob(join(dir, path)) })),
  );
  let sent = false;
  try {
    const oid = await hub.commit({
      title: plan.title,
      description: plan.description,
      parent,
      files,
      onUpload: countBytes(changed, plan.uploadBytes, options),
      onSend: () => {
        sent = true;
      },
    });
    const total = plan.uploadBytes;
    options.onProgress?.({ kind: 'advance', stage: 'upload', done: total, total, unit: 'bytes' });
    return oid;
  } catch (error) {
    const unclear = error instanceof HubwrightError && error.code === 'HUB_UNREACHABLE' && sent;
    const landed = unclear ? await findLanded(hub, dir, changed, parent, options) : undefined;
    if (landed !== undefined) return landed;
    if (!unclear) throw error;
    stopIfAborted(options.signal, `see whether the commit to ${plan.repo} has landed`);
    throw new HubwrightError('HUB_UNREACHABLE', `${error.message}; the commit has not been seen on the Hub`, {
      hint: error.hint ?? RUN_AGAIN,
      cause: error,
    });
  }
}

/**
 * A commit whose answer was lost may have landed all the same: then the head has moved, and holds what was sent.
 * Sending it again blindly would make a second, empty one.
 */
async function findLanded(
  hub: Hub,
  dir: string,
  changed: readonly LockedFile[],
  parent: string | null,
  { signal }: StageOptions,
): Promise<string | undefined> {
  for (const delay of LOOKS_MS) {
    try {
      await wait(delay, undefined, signal === undefined ? {} : { signal });
      const { head } = await hub.readRefs();
      if (head === null || head === parent) continue;
      const tree = await hub.listTree(head);
      const faults = await findMismatches(dir, changed, tree, new Set(tree.map((file) => file.path)));
      return faults.length === 0 ? head : undefined;
    } catch {
      // The commit's own failure is what gets reported; that the Hub cannot be asked either adds nothing.
      return undefined;
    }
  }
  return undefined;
}

/** Sums up per-file shares; tells at most a hundred times, as the library reports every few kilobytes. */
function countBytes(
  changed: readonly LockedFile[],
  total: number,
  { onProgress }: StageOptions,
): (path: string, share: number) => void {
  const sizes = new Map(changed.map((file) => [file.path, file.size]));
  const done = new Map<string, number>();
  let told = -1;
  return (path, share) => {
    done.set(path, Math.max(done.get(path) ?? 0, Math.round(share * (sizes.get(path) ?? 0))));
    const bytes = [...done.values()].reduce((sum, part) => sum + part, 0);
    const percent = Math.floor((100 * bytes) / total);
    if (percent <= told) return;
    told = percent;
    onProgress?.({ kind: 'advance', stage: 'upload', done: bytes, total, unit: 'bytes' });
  };
}
