import { createHash } from 'node:crypto';
import { HubwrightError } from '../errors.ts';
import { invalidCredentials } from './http-error.ts';
import { isRepoName } from './repo-name.ts';

/** A token that this Hub accepts, and who holds it. */
export interface HubToken {
  /** Starts with `hf_`, which @huggingface/hub insists on. Never logged, never stored. */
  readonly token: string;
  readonly user: string;
  readonly role: 'read' | 'write';
  /** Organisations that the user belongs to. */
  readonly orgs?: readonly string[];
}

/** Who sends a request. */
export type Viewer = Omit<HubToken, 'token' | 'orgs'> & { readonly orgs: readonly string[] };

/** Reads the Authorization header: `undefined` without one, 401 when its token is not one of ours. */
export type Authenticate = (authorization: string | undefined) => Viewer | undefined;

// The first part of a path outside repositories: a namespace of that name could never be reached.
const RESERVED = new Set(['api', 'datasets', 'spaces', 'lfs-storage', 'xet-storage', 'xet-cas']);

/** Checks the tokens (USAGE when one is unusable) and returns the reader of Authorization headers. */
export function createAuthenticator(tokens: readonly HubToken[]): Authenticate {
  if (tokens.length === 0) throw new HubwrightError('USAGE', 'The local Hub needs at least one token.');
  const viewers = new Map<string, Viewer>();
  for (const { token, user, role, orgs = [] } of tokens) {
    if (!/^hf_[\x21-\x7e]+$/.test(token)) {
      throw new HubwrightError(
        'USAGE',
        `The token of ${user} cannot be used: it does not start with "hf_".`,
        {
          hint: 'choose any text behind "hf_", without blanks',
        },
      );
    }
    const bad = [user, ...orgs].find((name) => !isRepoName(name) || RESERVED.has(name.toLowerCase()));
    if (bad !== undefined) {
      throw new HubwrightError('USAGE', `"${bad}" cannot be a user or organisation of the local Hub.`, {
        hint: 'use letters, digits, "-", "_" and "."',
      });
    }
    viewers.set(digest(token), { user, role, orgs });
  }
  return (authorization) => {
    if (authorization === undefined) return undefined;
    const [, token] = /^Bearer (\S+)$/i.exec(authorization) ?? [];
    // Looking up a digest takes the same time however much of a guessed token is right.
    const viewer = token === undefined ? undefined : viewers.get(digest(token));
    if (viewer === undefined) throw invalidCredentials();
    return viewer;
  };
}

/** The caller's own spelling of a namespace that is theirs; `undefined` when it is not. */
export function findOwnNamespace(viewer: Viewer | undefined, namespace: string): string | undefined {
  if (viewer === undefined) return undefined;
  const wanted = namespace.toLowerCase();
  return [viewer.user, ...viewer.orgs].find((name) => name.toLowerCase() === wanted);
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
