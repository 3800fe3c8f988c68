import type { IncomingMessage, ServerResponse } from 'node:http';
import type { XetHasher } from '../formats/xet/hash.ts';
import type { Viewer } from './auth.ts';
import type { CountCommit } from './commit-quota.ts';
import { HttpError } from './http-error.ts';
import type { MultipartUploads } from './storage/multipart.ts';
import type { RepositoryStore } from './storage/repository-store.ts';
import type { UrlSigner } from './url-signer.ts';
import type { XetTokens } from './xet/token.ts';
import type { XorbStore } from './xet/xorb-store.ts';

/** What all requests to one running Hub share. */
export interface HubState {
  readonly store: RepositoryStore;
  readonly signer: UrlSigner;
  readonly uploads: MultipartUploads;
  readonly xet: { readonly xorbs: XorbStore; readonly hasher: XetHasher; readonly tokens: XetTokens };
  /** Keys of repositories that a commit, creation or deletion is working on right now. */
  readonly busy: Set<string>;
  /** Undefined lets callers commit as often as they like. */
  readonly countCommit: CountCommit | undefined;
  /** The valid tokens, to refuse files that contain one. */
  readonly secrets: readonly Buffer[];
}

/** One request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The path as it was sent, without the query. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** `http://host:port` as the client spells it, for the URLs in answers. */
  readonly origin: string;
  readonly viewer: Viewer | undefined;
  readonly hub: HubState;
}

export type Handler = (exchange: Exchange) => Promise<void> | void;

/** A part of the path that the route names. */
export function getParam(exchange: Exchange, name: string): string {
  const value = exchange.params[name];
  if (value === undefined) throw new HttpError(404, `The route has no ${name}`);
  return value;
}

/** A switch in the query: clients write `1`, `true` and `True`. */
export function isSet(query: URLSearchParams, name: string): boolean {
  return ['1', 'true'].includes((query.get(name) ?? '').toLowerCase());
}

/** A page size from the query; `refusal` is the Hub's wording for one out of range. */
export function readLimit(query: URLSearchParams, fallback: number, most: number, refusal: string): number {
  const given = query.get('limit');
  if (given === null || given === '') return fallback;
  const limit = Number(given);
  if (!Number.isInteger(limit) || limit < 1 || limit > most) throw new HttpError(400, refusal);
  return limit;
}

/** What is refused while another change is being made. */
export const BUSY = 'Another commit operation is in progress for this repository. Please try again later.';

/** Runs `work` while no other commit, creation or deletion may touch the repository; 409 when one does. */
export async function withRepositoryLock<T>(
  hub: HubState,
  key: string,
  refusal: string,
  work: () => Promise<T>,
): Promise<T> {
  if (hub.busy.has(key)) throw new HttpError(409, refusal);
  hub.busy.add(key);
  try {
    return await work();
  } finally {
    hub.busy.delete(key);
  }
}
