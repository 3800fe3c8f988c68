import { Readable } from 'node:stream';
import { checkGate, requireCommit, requireReadable } from '../access.ts';
import { redirect } from '../answer.ts';
import { type Exchange, getParam, type Handler } from '../exchange.ts';
import { entryNotFound } from '../http-error.ts';
import { sendContent } from '../ranged-content.ts';
import { type FileFacts, readFileFacts } from '../storage/file-facts.ts';
import type { CommitAt } from '../storage/history.ts';
import type { Repository } from '../storage/repository.ts';
import { findEntry } from '../storage/tree.ts';

interface Located {
  readonly repository: Repository;
  readonly commit: CommitAt;
  readonly path: string;
  readonly blob: string;
  readonly facts: FileFacts;
}

/**
 * GET and HEAD /:ns/:name/resolve/:rev/*path. As on the real Hub a file is never here itself: LFS content
 * is behind a 302 to signed storage, everything else behind a 307 to an address that names the commit.
 */
export const resolveFile: Handler = async (exchange) => {
  const { repository, commit, path, blob, facts } = await locate(exchange);
  const etag = facts.lfs?.oid ?? blob;
  const headers = {
    'X-Repo-Commit': commit.oid,
    'X-Linked-Etag': `"${etag}"`,
    'X-Linked-Size': facts.size,
    'Accept-Ranges': 'bytes',
  };
  if (facts.lfs !== undefined) {
    const filename = path.slice(path.lastIndexOf('/') + 1);
    const target = exchange.hub.signer.sign(`/lfs-storage/${repository.id}/${facts.lfs.oid}`, {
      operation: 'download',
      commit: commit.oid,
      filename,
    });
    return redirect(exchange.response, 302, exchange.origin + target, headers);
  }
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const target = `/api/resolve-cache/models/${repository.id}/${commit.oid}/${encoded}`;
  redirect(exchange.response, 307, `${target}?etag=${encodeURIComponent(`"${etag}"`)}`, headers);
};

/**
 * GET and HEAD /:ns/:name/raw/:rev/*path and /api/resolve-cache/models/:ns/:name/:rev/*path: what git holds,
 * which for an LFS file is its pointer.
 */
export const sendBlob: Handler = async (exchange) => {
  const { repository, commit, path, blob } = await locate(exchange);
  const content = await repository.objects.readBlob(blob);
  await sendContent(exchange, {
    size: content.length,
    etag: blob,
    type: 'text/plain; charset=utf-8',
    filename: path.slice(path.lastIndexOf('/') + 1),
    headers: { 'X-Repo-Commit': commit.oid },
    read: (start, end) => Readable.from([content.subarray(start, end + 1)]),
  });
};

async function locate(exchange: Exchange): Promise<Located> {
  const repository = await requireReadable(exchange);
  const commit = await requireCommit(repository, getParam(exchange, 'rev'));
  checkGate(exchange, repository);
  const path = getParam(exchange, 'path');
  const entry = await findEntry(repository.objects, commit.tree, path);
  if (entry?.kind !== 'blob') throw entryNotFound(commit.oid);
  return { repository, commit, path, blob: entry.oid, facts: await readFileFacts(repository, entry.oid) };
}
