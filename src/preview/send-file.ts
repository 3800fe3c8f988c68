import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LOCK_FILE, listBundleFiles, REPORT_FILE } from '../bundle.ts';

/** What a browser may show; anything else is offered as a download. */
const TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
  '.md': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'text/plain; charset=utf-8',
  '.csv': 'text/plain; charset=utf-8',
  '.py': 'text/plain; charset=utf-8',
};

/**
 * Sends a file of the bundle. Only a path that the bundle's own list holds is opened, so no path can lead out of it,
 * whatever is in it; links are refused by that list.
 *
 * @returns false when there is no such file.
 */
export async function sendFile(
  dir: string,
  path: string,
  response: ServerResponse,
  head: boolean,
): Promise<boolean> {
  const files = await listBundleFiles(dir);
  if (!files.includes(path) && path !== LOCK_FILE && path !== REPORT_FILE) return false;
  const full = join(dir, path);
  const found = await stat(full).catch(() => undefined);
  if (found === undefined || !found.isFile()) return false;
  const type = TYPES[extname(path).toLowerCase()];
  response.writeHead(200, {
    'Content-Type': type ?? 'application/octet-stream',
    'Content-Length': found.size,
    'Cache-Control': 'no-store',
    // A vector picture opened by itself is a page: it may run nothing.
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    ...(type === undefined ? { 'Content-Disposition': 'attachment' } : {}),
  });
  if (head) response.end();
  // A reader that goes away in the midst is no error.
  else await pipeline(createReadStream(full), response).catch(() => response.destroy());
  return true;
}
