import { HubwrightError } from '../errors.ts';
import {
  accountAnswer,
  batchAnswer,
  cardAnswer,
  historyAnswer,
  modelAnswer,
  preuploadAnswer,
  refsAnswer,
  revisionAnswer,
  treeAnswer,
  type UploadOffer,
} from './hub-answers.ts';
import { type Answer, type HubOptions, openConnection } from './hub-connection.ts';
import { wordsOf } from './hub-failure.ts';
import { PATIENCE } from './patience.ts';
import type { RemoteFile, UploadMode } from './remote-state.ts';
import { streamBytes } from './stall.ts';

/** More files than any model repository has; a listing that goes on longer never ends. */
const MAX_LISTED_FILES = 100_000;
/** As @huggingface/hub has it, for preupload and for the LFS batch. */
const FILES_PER_REQUEST = 100;
const LFS_JSON = 'application/vnd.git-lfs+json';

export type Gating = 'auto' | 'manual' | false;

export interface Account {
  readonly name: string;
  /** Where the account may have repositories: its own name and its organizations. */
  readonly namespaces: readonly string[];
  /** `read`, `write` or `fineGrained`; undefined when the Hub does not say. */
  readonly role: string | undefined;
}

export interface Settings {
  /** `owner/name` as the Hub has it. */
  readonly id: string;
  readonly private: boolean;
  readonly gated: Gating;
}

export interface Refs {
  readonly branches: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  /** By `refs/pr/<number>`. */
  readonly pullRequests: ReadonlyMap<string, string>;
}

/** A commit as its branch's history lists it. */
export interface PastCommit {
  readonly oid: string;
  readonly title: string;
  readonly author: string;
}

export type Hub = ReturnType<typeof connectHub>;

/** One model repository on one Hub: a method for each thing that is asked of it. Errors are those of `openConnection`. */
export function connectHub(options: HubOptions) {
  const { repo, patience } = options;
  const connection = openConnection(options);
  const { hubUrl, ask, askFor, exchange } = connection;
  const api = `${hubUrl}/api/models/${repo}`;
  const slowAnswerMs = patience?.slowAnswerMs ?? PATIENCE.slowAnswerMs;

  return {
    connection,
    api,

    /** Undefined when the token may not ask: one of a trusted publisher is for its repository alone. */
    askAccount: async (): Promise<Account | undefined> => {
      const doing = 'ask whose token this is';
      const answer = await exchange(doing, `${hubUrl}/api/whoami-v2`);
      if (answer.status === 403) return undefined;
      if (!answer.ok) throw answer.refusal();
      const { name, orgs, auth } = await connection.attempt(doing, async () =>
        accountAnswer.parse(JSON.parse(answer.text)),
      );
      return { name, namespaces: [name, ...orgs.map((org) => org.name)], role: auth?.accessToken?.role };
    },

    /** True when the token may do so with the repository, false when there is none (or none that it may see). */
    checkAccess: async (access: 'read' | 'write'): Promise<boolean> => {
      const answer = await exchange(
        `${access === 'write' ? 'write to' : 'read'} ${repo}`,
        `${api}/auth-check${access === 'write' ? '/write' : ''}`,
      );
      if (answer.status === 404) return false;
      if (!answer.ok) throw answer.refusal();
      return true;
    },

    readSettings: async (): Promise<Settings> =>
      (await askFor(modelAnswer, `ask how ${repo} is set up`, api)).value,

    writeSettings: async (settings: { visibility?: string; gated?: Gating }): Promise<void> => {
      await ask(`change the settings of ${repo}`, `${api}/settings`, { method: 'PUT', json: settings });
    },

    /** Lets the Hub check the card's metadata, and returns its warnings. */
    validateCard: async (content: string): Promise<string[]> => {
      const question = { method: 'POST', repeatable: true, json: { content, repoType: 'model' } };
      const url = `${hubUrl}/api/validate-yaml`;
      const { value } = await askFor(cardAnswer, `publish this README.md`, url, question);
      return value.warnings.map(({ message }) => wordsOf(message));
    },

    readRefs: async (): Promise<Refs> => {
      const url = `${api}/refs?include_prs=1`;
      const { value } = await askFor(refsAnswer, `read the branches of ${repo}`, url);
      const byName = (refs: typeof value.tags) => new Map(refs.map((one) => [one.name, one.targetCommit]));
      return {
        branches: byName(value.branches),
        tags: byName(value.tags),
        pullRequests: new Map(value.pullRequests.map((one) => [one.ref || one.name, one.targetCommit])),
      };
    },

    listTree: async (revision: string): Promise<RemoteFile[]> => {
      const doing = `list the files of ${repo}`;
      const files: RemoteFile[] = [];
      let url: string | undefined = `${api}/tree/${encodeURIComponent(revision)}?recursive=true`;
      while (url !== undefined) {
        const page: { value: (typeof treeAnswer)['_output']; headers: Headers } = await askFor(
          treeAnswer,
          doing,
          url,
        );
        for (const { type, path, size, oid, lfs } of page.value) {
          if (type === 'file') files.push({ path, size: lfs?.size ?? size, gitOid: oid, sha256: lfs?.oid });
        }
        if (files.length > MAX_LISTED_FILES) {
          throw new HubwrightError('HUB_UNREACHABLE', `could not ${doing}: over ${MAX_LISTED_FILES} of them`);
        }
        url = nextPage(page.headers, hubUrl);
      }
      return files;
    },

    /** Commits from `revision` backwards, newest first; the first page of them. */
    listCommits: async (revision: string): Promise<PastCommit[]> => {
      const url = `${api}/commits/${encodeURIComponent(revision)}`;
      const { value } = await askFor(historyAnswer, `read the history of ${repo}`, url);
      return value.map(({ id, title, authors }) => ({
        oid: id,
        title,
        author: authors.map(({ user }) => user).join(', ') || 'someone',
      }));
    },

    readText: (revision: string, path: string): Promise<string> =>
      ask(`read ${path} of ${repo}`, resolveUrl(hubUrl, repo, revision, path)),

    openFile: (revision: string, path: string): Promise<ReadableStream<Uint8Array>> =>
      connection.open(`read ${path} of ${repo}`, resolveUrl(hubUrl, repo, revision, path)),

    /**
     * Asks how the Hub would keep each file.
     *
     * @param files with the first 512 bytes in base64
     * @param revision the branch; with `pull`, what a pull request would be made against
     */
    askUploadModes: async (
      files: readonly { readonly path: string; readonly size: number; readonly sample: string }[],
      { revision, pull }: { readonly revision: string; readonly pull: boolean },
    ): Promise<{ modes: Map<string, UploadMode>; ignored: string[] }> => {
      const modes = new Map<string, UploadMode>();
      const ignored: string[] = [];
      const url = `${api}/preupload/${encodeURIComponent(revision)}${pull ? '?create_pr=1' : ''}`;
      for (const some of inPortions(files)) {
        const question = { method: 'POST', repeatable: true, json: { files: some } };
        const { value } = await askFor(preuploadAnswer, `ask how ${repo} keeps its files`, url, question);
        for (const file of value.files) {
          modes.set(file.path, file.uploadMode);
          if (file.shouldIgnore) ignored.push(file.path);
        }
      }
      return { modes, ignored };
    },

    /**
     * One object's way into large-file storage, or that it is there already. In the order of `objects`.
     *
     * @param more ways that can be taken beside those of LFS
     */
    offerUploads: async (
      objects: readonly { readonly oid: string; readonly size: number }[],
      branch: string | undefined,
      more: readonly 'xet'[] = [],
    ): Promise<UploadOffer[]> => {
      const offers: UploadOffer[] = [];
      for (const some of inPortions(objects)) {
        const { value } = await askFor(
          batchAnswer,
          `ask where large files of ${repo} go`,
          `${hubUrl}/${repo}.git/info/lfs/objects/batch`,
          {
            method: 'POST',
            repeatable: true,
            headers: { 'Content-Type': LFS_JSON, Accept: LFS_JSON },
            json: {
              operation: 'upload',
              transfers: ['basic', 'multipart', ...more],
              objects: some,
              hash_algo: 'sha256',
              ...(branch === undefined ? {} : { ref: { name: branch } }),
            },
          },
        );
        offers.push(...value.objects);
      }
      return offers;
    },

    /** Creates the repository, once. Whether it is there afterwards is for the caller to find out. */
    create: (visibility: 'private' | 'public' | undefined): Promise<Answer> => {
      const [organization, name] = repo.split('/');
      const json = { name, organization, type: 'model', ...(visibility === undefined ? {} : { visibility }) };
      return exchange(`create ${repo}`, `${hubUrl}/api/repos/create`, { method: 'POST', json });
    },

    /** Creates a branch; one that is there already is left as it is. */
    createBranch: async (branch: string, startingPoint: string): Promise<void> => {
      const url = `${api}/branch/${encodeURIComponent(branch)}`;
      const question = { method: 'POST', repeatable: true, json: { startingPoint } };
      const answer = await exchange(`create the branch ${branch} of ${repo}`, url, question);
      if (!answer.ok && answer.status !== 409) throw answer.refusal();
    },

    /** Sends a commit, once. @param lines NDJSON, as `writeCommit` makes it */
    sendCommit: (revision: string, lines: Buffer): Promise<Answer> =>
      exchange(`commit to ${repo}`, `${api}/commit/${encodeURIComponent(revision)}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-ndjson', 'Content-Length': String(lines.length) },
        body: (alive) => streamBytes(lines, alive),
        stallMs: slowAnswerMs,
      }),

    /** The commit that a branch, tag or commit names. */
    resolveRevision: async (revision: string): Promise<string> => {
      const url = `${api}/revision/${encodeURIComponent(revision)}`;
      return (await askFor(revisionAnswer, `find ${repo} at ${revision}`, url)).value.sha;
    },

    createTag: async (tag: string, revision: string): Promise<void> => {
      const url = `${api}/tag/${encodeURIComponent(revision)}`;
      const question = { method: 'POST', repeatable: true, json: { tag } };
      await ask(`set the tag ${tag} on ${repo}`, url, question);
    },
  };
}

function* inPortions<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += FILES_PER_REQUEST) yield items.slice(at, at + FILES_PER_REQUEST);
}

function resolveUrl(hubUrl: string, repo: string, revision: string, path: string): string {
  return `${hubUrl}/${repo}/resolve/${[revision, ...path.split('/')].map(encodeURIComponent).join('/')}`;
}

/** The address behind `Link: <…>; rel="next"`. One on another host would be sent the token's questions: it is none. */
function nextPage(headers: Headers, hubUrl: string): string | undefined {
  const link = /<([^>]+)>;\s*rel="?next"?/.exec(headers.get('Link') ?? '')?.[1];
  if (link === undefined || !URL.canParse(link, hubUrl)) return undefined;
  const url = new URL(link, hubUrl);
  return url.origin === new URL(hubUrl).origin ? url.href : undefined;
}
