import { findOwnNamespace } from './auth.ts';
import { type Exchange, getParam } from './exchange.ts';
import {
  authenticationRequired,
  forbidden,
  HttpError,
  repoNotFound,
  revisionNotFound,
} from './http-error.ts';
import { type CommitAt, resolveRevision } from './storage/history.ts';
import type { Repository } from './storage/repository.ts';

/** The refusals of a write, worded by what was tried. */
export const REFUSAL = {
  upload: 'Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request',
  other: 'Authorization error.',
} as const;

/** A repository that the caller may see; everything else does not exist (401 without a token, else 404). */
export async function findVisible(exchange: Exchange, namespace: string, name: string): Promise<Repository> {
  const repository = await exchange.hub.store.find(namespace, name);
  if (repository === undefined || !isVisible(exchange, repository)) {
    throw repoNotFound(exchange.viewer === undefined);
  }
  return repository;
}

/** The repository that the route names, readable; a redirect when it has another name now. */
export async function requireReadable(exchange: Exchange): Promise<Repository> {
  const [namespace, name] = [getParam(exchange, 'ns'), getParam(exchange, 'name')];
  const { store } = exchange.hub;
  if ((await store.find(namespace, name)) === undefined) {
    const moved = await store.findMoved(namespace, name);
    if (moved !== undefined && isVisible(exchange, moved)) throw redirectTo(exchange, moved.id);
  }
  return findVisible(exchange, namespace, name);
}

function isVisible(exchange: Exchange, repository: Repository): boolean {
  return !repository.meta.private || isOwner(exchange, repository);
}

/** This request's own address with the repository's present name; relative, as the Hub's are. */
function redirectTo(exchange: Exchange, id: string): HttpError {
  const [namespace, name] = [getParam(exchange, 'ns'), getParam(exchange, 'name')];
  const parts = exchange.path.split('/');
  const at = parts.findIndex((part, index) => {
    const next = decodeURIComponent(parts[index + 1] ?? '');
    return decodeURIComponent(part) === namespace && (next === name || next === `${name}.git`);
  });
  const suffix = parts[at + 1]?.endsWith('.git') === true ? '.git' : '';
  parts.splice(at, 2, `${id}${suffix}`);
  const query = exchange.request.url?.slice(exchange.path.length) ?? '';
  const location = `${parts.join('/')}${query}`;
  return new HttpError(307, `Temporary Redirect. Redirecting to ${location}`, {
    headers: { Location: location },
  });
}

/** The repository that the route names, writable: 401 without a token, 403 with a wrong one. */
export async function requireWritable(exchange: Exchange, refusal: string): Promise<Repository> {
  if (exchange.viewer === undefined) throw authenticationRequired();
  const repository = await requireReadable(exchange);
  checkWriteRole(exchange);
  if (findOwnNamespace(exchange.viewer, repository.meta.namespace) === undefined) throw forbidden(refusal);
  return repository;
}

/**
 * The repository that the route names, for a pull request: whoever may read it and has a token that writes may
 * propose changes to it.
 */
export async function requireProposer(exchange: Exchange): Promise<Repository> {
  if (exchange.viewer === undefined) throw authenticationRequired();
  const repository = await requireReadable(exchange);
  checkWriteRole(exchange);
  return repository;
}

/** Whether the repository is in a namespace of the caller's. */
export function isOwner({ viewer }: Exchange, { meta }: Repository): boolean {
  return findOwnNamespace(viewer, meta.namespace) !== undefined;
}

/** Throws unless the token may write at all. */
export function checkWriteRole(exchange: Exchange): void {
  if (exchange.viewer === undefined) throw authenticationRequired();
  if (exchange.viewer.role !== 'write') {
    throw forbidden('you must use a write token to upload to a repository');
  }
}

/** Throws unless the caller may download from a gated repository: its owners may, nobody else was let in. */
export function checkGate(exchange: Exchange, repository: Repository): void {
  const { meta, id } = repository;
  if (meta.gated === false || findOwnNamespace(exchange.viewer, meta.namespace) !== undefined) return;
  const [status, message] =
    exchange.viewer === undefined
      ? [
          401,
          `Access to model ${id} is restricted. You must have access to it and be authenticated to access it. Please log in.`,
        ]
      : [
          403,
          `Access to model ${id} is restricted and you are not in the authorized list. Visit ${exchange.origin}/${id} to ask for access.`,
        ];
  throw new HttpError(status, message, { code: 'GatedRepo' });
}

/** The commit that a revision means; 404 with the Hub's wording when there is none. */
export async function requireCommit(repository: Repository, revision: string): Promise<CommitAt> {
  const commit = await resolveRevision(repository, revision);
  if (commit === undefined) throw revisionNotFound(revision);
  return commit;
}

/** The repository behind a signed URL: the signature stands for the permission that was checked before. */
export async function requireSigned(exchange: Exchange): Promise<Repository> {
  exchange.hub.signer.check(exchange.path, exchange.query);
  const repository = await exchange.hub.store.find(getParam(exchange, 'ns'), getParam(exchange, 'name'));
  if (repository === undefined) throw new HttpError(404, 'The specified key does not exist.');
  return repository;
}
