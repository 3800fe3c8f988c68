import { z } from 'zod';
import { requireCommit, requireReadable } from '../access.ts';
import { linkNext, sendJson } from '../answer.ts';
import { checkShape, parseJson, readText } from '../body.ts';
import { getParam, type Handler, isSet, readLimit } from '../exchange.ts';
import { entryNotFound, HttpError } from '../http-error.ts';
import { LIMITS } from '../limits.ts';
import { readFileFacts } from '../storage/file-facts.ts';
import { type CommitAt, describeCommit, findLastCommits } from '../storage/history.ts';
import type { Repository } from '../storage/repository.ts';
import { findEntry, listTree, type TreeEntry } from '../storage/tree.ts';

/** GET /api/models/:ns/:name/tree/:rev[/*path]?recursive&expand&limit&cursor */
export const listFolder: Handler = async (exchange) => {
  const { query, response } = exchange;
  const repository = await requireReadable(exchange);
  const expand = isSet(query, 'expand');
  const most = expand ? LIMITS.treePageExpanded : LIMITS.treePage;
  const limit = readLimit(query, most, most, 'Invalid limit for index tree pagination');
  // The cursor names the commit, so that a listing stays one listing while the branch moves on.
  const [pinned, offset = '0'] = Buffer.from(query.get('cursor') ?? '', 'base64url')
    .toString()
    .split(':');
  const commit = await requireCommit(repository, pinned || getParam(exchange, 'rev'));
  const path = (exchange.params.path ?? '').replace(/^\/+|\/+$/g, '');
  const folder = await findEntry(repository.objects, commit.tree, path);
  if (folder?.kind !== 'tree')
    throw entryNotFound(commit.oid, `${path} does not exist on "${getParam(exchange, 'rev')}"`);

  const options = { prefix: path, recursive: isSet(query, 'recursive') };
  const entries = await listTree(repository.objects, folder.oid, options);
  const start = Number(offset) || 0;
  const page = entries.slice(start, start + limit);
  const next = Buffer.from(`${commit.oid}:${start + limit}`).toString('base64url');
  const headers = start + limit < entries.length ? linkNext(exchange, 'cursor', next) : {};
  sendJson(response, await describeEntries(repository, commit, page, expand), 200, headers);
};

const json = z.object({ paths: z.union([z.string(), z.array(z.string())]), expand: z.boolean().nullish() });

/** POST /api/models/:ns/:name/paths-info/:rev, JSON or form-encoded. What does not exist is left out. */
export const describePaths: Handler = async (exchange) => {
  const { request, response } = exchange;
  const repository = await requireReadable(exchange);
  const commit = await requireCommit(repository, getParam(exchange, 'rev'));
  const { paths, expand } = readPathsBody(request.headers['content-type'], await readText(request));
  if (paths.length > LIMITS.pathsInfo) throw new HttpError(413, 'too many parameters');
  const found = await Promise.all(
    [...new Set(paths)].map((path) =>
      findEntry(repository.objects, commit.tree, path.replace(/^\/+|\/+$/g, '')),
    ),
  );
  const entries = found.filter((entry) => entry !== undefined && entry.path !== '') as TreeEntry[];
  sendJson(response, await describeEntries(repository, commit, entries, expand));
};

function readPathsBody(type: string | undefined, text: string): { paths: string[]; expand: boolean } {
  if (type?.startsWith('application/x-www-form-urlencoded')) {
    const form = new URLSearchParams(text);
    return { paths: form.getAll('paths'), expand: isSet(form, 'expand') };
  }
  const { paths, expand } = checkShape(parseJson(text), json);
  return { paths: [paths].flat(), expand: expand ?? false };
}

/** Rows as the API gives them. An LFS file's `oid` is its pointer's, `lfs.oid` is its content's SHA-256. */
async function describeEntries(
  repository: Repository,
  commit: CommitAt,
  entries: readonly TreeEntry[],
  expand: boolean,
): Promise<unknown[]> {
  const paths = entries.map(({ path }) => path);
  const lastCommits = expand ? await findLastCommits(repository, commit, paths) : undefined;
  return Promise.all(
    entries.map(async ({ kind, path, oid }) => {
      const last = lastCommits?.get(path);
      const { id, title, date } = last === undefined ? {} : describeCommit(last);
      const lastCommit = last === undefined ? {} : { lastCommit: { id, title, date } };
      if (kind === 'tree') return { type: 'directory', oid, size: 0, path, ...lastCommit };
      const { size, lfs } = await readFileFacts(repository, oid);
      const xet = lfs === undefined ? undefined : await repository.lfs.findXet(lfs.oid);
      const scan = { status: 'unscanned' };
      const security = expand
        ? { securityFileStatus: { ...scan, avScan: scan, pickleImportScan: scan } }
        : {};
      return {
        type: 'file',
        oid,
        size,
        path,
        ...(lfs === undefined ? {} : { lfs }),
        ...(xet === undefined ? {} : { xetHash: xet.hash }),
        ...lastCommit,
        ...security,
      };
    }),
  );
}
