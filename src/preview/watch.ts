import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE, loadConfig } from '../config.ts';

/** Editors write a file in several steps; one call follows when they have been quiet for so long. */
const QUIET_MS = 120;

/** Drafts that are renamed to the file itself a moment later. */
const DRAFT = /\.\d+$|~$|\.sw[a-z]$|^\.#/;

export interface Watch {
  close(): void;
}

/**
 * Calls back after something in the bundle's folder changed, or in the folder of its templates. Folders are watched, not
 * files, because editors and `hubwright card` replace a file by another one.
 */
export async function watchBundle(dir: string, onChange: () => void): Promise<Watch> {
  let timer: NodeJS.Timeout | undefined;
  const changed = (_: string, name: string | null) => {
    if (name !== null && DRAFT.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, QUIET_MS);
  };
  const watchers = (await listFolders(dir)).flatMap((folder) => watchFolder(folder, changed));
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function watchFolder(folder: string, changed: (event: string, name: string | null) => void): FSWatcher[] {
  try {
    const watcher = watch(folder, changed);
    // A folder that is removed, or a system that runs out of watches: the page stays, it only reloads no more.
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

async function listFolders(dir: string): Promise<string[]> {
  const config = await loadConfig(join(dir, CONFIG_FILE)).catch(() => undefined);
  const card: object = config?.card ?? {};
  return 'templates' in card && typeof card.templates === 'string' ? [dir, card.templates] : [dir];
}
