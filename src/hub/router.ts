import type { Handler } from './exchange.ts';
import { badRequest } from './http-error.ts';

/** What a request is for: the steps of the protocol that a fault can be planned for, and the rest. */
export type Step =
  | 'whoami'
  | 'create'
  | 'delete-repo'
  | 'settings'
  | 'auth-check'
  | 'validate-yaml'
  | 'preupload'
  | 'lfs-batch'
  | 'lfs-put'
  | 'lfs-complete'
  | 'lfs-verify'
  | 'lfs-get'
  | 'xet-token'
  | 'xorb-put'
  | 'xorb-get'
  | 'shard-put'
  | 'chunk-query'
  | 'reconstruction'
  | 'chunk-hashes'
  | 'commit'
  | 'info'
  | 'tree'
  | 'paths-info'
  | 'commits'
  | 'refs'
  | 'branch'
  | 'tag'
  | 'discussion'
  | 'resolve'
  | 'other';

/** A row of the route table. `path` has `:name` parts; a last part `*name` takes the rest, one part or more. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly handler: Handler;
  /** @default 'other' */
  readonly step?: Step;
}

export interface Match {
  readonly handler: Handler;
  readonly step: Step;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Finds the first route for a path as it was sent. Parts are decoded after splitting, so `%2F` stays inside
 * its part: that is how clients send `refs%2Fpr%2F1` as one revision. GET routes answer HEAD too.
 */
export function findRoute(routes: readonly Route[], method: string, path: string): Match | undefined {
  const parts = path.split('/').slice(1).map(decodePart);
  const wanted = method === 'HEAD' ? 'GET' : method;
  for (const route of routes) {
    if (route.method !== wanted) continue;
    const params = matchParts(route.path.split('/').slice(1), parts);
    if (params !== undefined) return { handler: route.handler, step: route.step ?? 'other', params };
  }
  return undefined;
}

function matchParts(
  pattern: readonly string[],
  parts: readonly string[],
): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const part = parts[index];
    if (part === undefined) return undefined;
    if (wanted.startsWith('*')) {
      params[wanted.slice(1)] = parts.slice(index).join('/');
      return params;
    }
    const [, name, suffix = ''] = /^:(\w+)(.*)$/.exec(wanted) ?? [];
    if (name === undefined ? part !== wanted : part.length <= suffix.length || !part.endsWith(suffix)) {
      return undefined;
    }
    if (name !== undefined) params[name] = part.slice(0, part.length - suffix.length);
  }
  return parts.length === pattern.length ? params : undefined;
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest('The path is not valid percent-encoding');
  }
}
