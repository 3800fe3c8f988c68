import { Readable } from 'node:stream';
import { checkGate, requireCommit, requireReadable } from '../access.ts';
import { redirect, sendJson } from '../answer.ts';
import { type Exchange, getParam, type Handler } from '../exchange.ts';
import { entryNotFound } from '../http-error.ts';
import { sendContent } from '../ranged-content.ts';
import { type FileFacts, readFileFacts } from '../storage/file-facts.ts';
import type { CommitAt } from '../storage/history.ts';
import type { Repository } from '../storage/repository.ts';
import { findEntry } from '../storage/tree.ts';
import { CAS_PATH } from './xet-token.ts';

/** What @huggingface/hub asks for when it wants to know where a file is in Xet. */
const XET_TYPE = 'application/vnd.xet-fileinfo+json';

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
    const xet = await repository.lfs.findXet(facts.lfs.oid);
    const links = xet === undefined ? {} : linkXet(exchange, repository, commit.oid, xet.hash);
    if (xet !== undefined && (exchange.request.headers.accept ?? '').includes(XET_TYPE)) {
      return sendJson(exchange.response, { hash: xet.hash, size: xet.size }, 200, {
        ...headers,
        ...links,
        'Content-Type': XET_TYPE,
      });
    }
    const filename = path.slice(path.lastIndexOf('/') + 1);
    const target = exchange.hub.signer.sign(`/lfs-storage/${repository.id}/${facts.lfs.oid}`, {
      operation: 'download',
      commit: commit.oid,
      filename,
    });
    return redirect(exchange.response, 302, exchange.origin + target, { ...headers, ...links });
  }
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const target = `/api/resolve-cache/models/${repository.id}/${commit.oid}/${encoded}`;
  redirect(exchange.response, 307, `${target}?etag=${encodeURIComponent(`"${etag}"`)}`, headers);
};

/** Where a client that speaks Xet finds the content: the token that it needs, and what the file is made of. */
function linkXet({ origin }: Exchange, { id }: Repository, commit: string, hash: string) {
  const token = `${origin}/api/models/${id}/xet-read-token/${commit}`;
  const content = `${origin}${CAS_PATH}/v1/reconstructions/${hash}`;
  return {
    'X-Xet-Hash': hash,
    'X-Xet-Refresh-Route': token,
    Link: `<${token}>; rel="xet-auth", <${content}>; rel="xet-reconstruction-info"`,
  };
}

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
