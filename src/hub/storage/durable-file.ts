import { randomUUID } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes `data` so that after a crash the file is either absent or whole: temporary file, fsync, rename. */
export async function writeDurably(path: string, data: Uint8Array, temporaryFolder: string): Promise<void> {
  const temporary = join(temporaryFolder, randomUUID());
  const file = await open(temporary, 'wx');
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
  await moveDurably(temporary, path);
}

/** Moves a file that is already on disk into place, and makes the move itself survive a crash. */
export async function moveDurably(from: string, to: string): Promise<void> {
  const folder = dirname(to);
  await mkdir(folder, { recursive: true });
  await rename(from, to);
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder to sync it, and does not need to: there, rename is journalled by the file system.
  const handle = await open(folder, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}
