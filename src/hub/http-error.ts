/** What ends a request early: a refusal, or a redirect. `code` and the message travel in headers too, since clients read them there. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly code: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    message: string,
    details: { code?: string; headers?: Record<string, string>; body?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = details.code;
    this.headers = details.headers ?? {};
    this.body = details.body ?? { error: message };
  }
}

/** 401 for a token that this Hub does not know. The wording tells clients it is not a hidden repository. */
export function invalidCredentials(): HttpError {
  return new HttpError(401, 'Invalid credentials in Authorization header');
}

/** 401 for a request that needs a token and carries none. */
export function authenticationRequired(): HttpError {
  return new HttpError(401, 'Invalid username or password.');
}

/**
 * A repository that is missing, or private and not the caller's: the two must look alike.
 * Without a token that is 401. The real Hub sends no code there; over plain http, the Python client
 * recognises a missing repository by the code alone.
 */
export function repoNotFound(anonymous: boolean): HttpError {
  return anonymous
    ? new HttpError(401, 'Invalid username or password.', { code: 'RepoNotFound' })
    : new HttpError(404, 'Repository not found', { code: 'RepoNotFound' });
}

/** 404: neither a branch nor a tag nor a commit. */
export function revisionNotFound(revision: string): HttpError {
  return new HttpError(404, `Invalid rev id: ${revision}`, { code: 'RevisionNotFound' });
}

/** 404: no such file. `commit` lets clients remember that this commit does not have it. */
export function entryNotFound(commit: string, message = 'Entry not found'): HttpError {
  return new HttpError(404, message, { code: 'EntryNotFound', headers: { 'X-Repo-Commit': commit } });
}

/** 400 with the Hub's `{error}` body. */
export function badRequest(message: string): HttpError {
  return new HttpError(400, message);
}

/** 403 with the Hub's `{error}` body. */
export function forbidden(message: string): HttpError {
  return new HttpError(403, message);
}
