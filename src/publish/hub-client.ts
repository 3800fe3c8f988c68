import { inspect } from 'node:util';
import { commitIter, createRepo, HubApiError, listFiles } from '@huggingface/hub';
import type { z } from 'zod';
import { HubwrightError } from '../errors.ts';
import type { StageOptions } from '../progress.ts';
import {
  accountAnswer,
  cardAnswer,
  commitOidAnswer,
  preuploadAnswer,
  refsAnswer,
  revisionAnswer,
  treeFileAnswer,
} from './hub-answers.ts';
import {
  describeRefusal,
  describeSilence,
  type Refusal,
  readRefusal,
  stopIfAborted,
  wordsOf,
} from './hub-failure.ts';
import { tellParts } from './part-progress.ts';
import { BRANCH, type RemoteFile, type UploadMode } from './remote-state.ts';
import { isUnreadableFile, retryFetch } from './retry.ts';

/** More files than any model repository has; a listing that goes on longer never ends. */
const MAX_LISTED_FILES = 100_000;
/** As @huggingface/hub has it. */
const FILES_PER_PREUPLOAD = 100;

export interface HubOptions extends StageOptions {
  readonly repo: string;
  readonly hubUrl: string;
  /** Left out, only what is public can be read. */
  readonly accessToken?: string | undefined;
  readonly fetch?: typeof fetch | undefined;
}

export interface Account {
  readonly name: string;
  /** Where the account may have repositories: its own name and its organizations. */
  readonly namespaces: readonly string[];
  /** `read`, `write` or `fineGrained`; undefined when the Hub does not say. */
  readonly role: string | undefined;
}

export interface CommitRequest {
  readonly title: string;
  readonly description: string;
  /** The head it builds on: with any other head the Hub answers 412. Null on an empty branch. */
  readonly parent: string | null;
  readonly files: readonly { readonly path: string; readonly content: Blob }[];
  /** Called with the uploaded share of a file in large-file storage, 0 to 1. */
  readonly onUpload: (path: string, share: number) => void;
  /** Called when every upload is through and the commit itself is about to be sent. */
  readonly onSend: () => void;
}

interface Question {
  readonly method?: string;
  readonly json?: unknown;
  readonly optional?: boolean;
}

export type Hub = ReturnType<typeof connectHub>;

/**
 * One model repository on one Hub. Every failure is a HubwrightError: HUB_REFUSED, HUB_CONFLICT, HUB_UNREACHABLE or
 * ABORTED, with the Hub's own words and without the token.
 */
export function connectHub(options: HubOptions) {
  const { repo, hubUrl, accessToken, signal } = options;
  const send = retryFetch(options.fetch ?? globalThis.fetch, options);
  const credentials = accessToken === undefined ? {} : { accessToken };
  const authorization = accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` };
  const library = { repo: { type: 'model', name: repo } as const, hubUrl, ...credentials, fetch: send };
  // Nobody writes without a token; the Hub would say so.
  const writer = { ...library, accessToken: accessToken ?? '' };
  const api = `${hubUrl}/api/models/${repo}`;

  /** A Hub may quote what it was sent, so the token is cut out of all that it says. */
  const redact = (text: string): string =>
    accessToken === undefined ? text : text.replaceAll(accessToken, 'hf_…');

  async function attempt<T>(doing: string, action: () => Promise<T>): Promise<T> {
    try {
      stopIfAborted(signal, doing);
      return await action();
    } catch (error) {
      stopIfAborted(signal, doing);
      throw translate(doing, error);
    }
  }

  function translate(doing: string, error: unknown): HubwrightError {
    if (error instanceof HubwrightError) return error;
    if (isUnreadableFile(error)) {
      return new HubwrightError('NOT_VERIFIED', 'a file of the bundle changed while it was being sent', {
        hint: 'assemble and verify again, then publish',
      });
    }
    if (error instanceof HubApiError) {
      // Not kept as the cause: its message holds the address, and that of an upload is signed.
      const words = wordsOf(error.data ?? error.message.replace(/\. URL: .*$/s, ''));
      return refuse(doing, { status: error.statusCode, words, requestId: error.requestId });
    }
    const safe = accessToken === undefined || !inspect(error, { depth: null }).includes(accessToken);
    return describeSilence(doing, new URL(hubUrl).host, safe ? error : undefined);
  }

  function refuse(doing: string, { status, words, requestId }: Refusal): HubwrightError {
    const id = requestId === undefined ? undefined : redact(requestId);
    return describeRefusal(doing, { status, words: redact(words), requestId: id });
  }

  /** Sends a request of our own, and returns its answer's text; undefined for a 404 where `optional` expects one. */
  function ask(doing: string, url: string, init: Question = {}): Promise<string | undefined> {
    return attempt(doing, async () => {
      const { method = 'GET', json, optional = false } = init;
      const response = await send(url, {
        method,
        headers: {
          ...authorization,
          ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
      if (response.ok) return redact(await response.text());
      const refusal = await readRefusal(response);
      if (optional && response.status === 404) return undefined;
      throw refuse(doing, refusal);
    });
  }

  /** `ask`, for an answer of a known shape. */
  async function askFor<T>(shape: z.ZodType<T>, doing: string, url: string, init?: Question): Promise<T> {
    const text = (await ask(doing, url, init)) ?? '';
    return attempt(doing, async () => shape.parse(JSON.parse(text)));
  }

  return {
    askAccount: async (): Promise<Account> => {
      const url = `${hubUrl}/api/whoami-v2`;
      const { name, orgs, auth } = await askFor(accountAnswer, 'ask whose token this is', url);
      return { name, namespaces: [name, ...orgs.map((org) => org.name)], role: auth?.accessToken?.role };
    },

    /** True when the token may write to the repository, false when there is none (or none that it may see). */
    checkWriteAccess: async (): Promise<boolean> =>
      (await ask(`write to ${repo}`, `${api}/auth-check/write`, { optional: true })) !== undefined,

    /** Lets the Hub check the card's metadata, and returns its warnings. */
    validateCard: async (content: string): Promise<string[]> => {
      const question = { method: 'POST', json: { content, repoType: 'model' } };
      const url = `${hubUrl}/api/validate-yaml`;
      const { warnings } = await askFor(cardAnswer, `publish this README.md`, url, question);
      return warnings.map(({ message }) => wordsOf(message));
    },

    /** The branch's head (null without one) and the commit of every tag. */
    readRefs: async (): Promise<{ head: string | null; tags: ReadonlyMap<string, string> }> => {
      const { branches, tags } = await askFor(refsAnswer, `read the branches of ${repo}`, `${api}/refs`);
      return {
        head: branches.find(({ name }) => name === BRANCH)?.targetCommit ?? null,
        tags: new Map(tags.map(({ name, targetCommit }) => [name, targetCommit])),
      };
    },

    listTree: (revision: string): Promise<RemoteFile[]> =>
      attempt(`list the files of ${repo}`, async () => {
        const files: RemoteFile[] = [];
        for await (const entry of listFiles({ ...library, revision, recursive: true })) {
          if (files.length >= MAX_LISTED_FILES) throw new Error(`over ${MAX_LISTED_FILES} files`);
          if (entry.type !== 'file') continue;
          const { path, size, oid, lfs } = treeFileAnswer.parse(entry);
          files.push({ path: redact(path), size: lfs?.size ?? size, gitOid: oid, sha256: lfs?.oid });
        }
        return files;
      }),

    readText: async (revision: string, path: string): Promise<string> =>
      (await ask(`read ${path} of ${repo}`, `${hubUrl}/${repo}/resolve/${revision}/${path}`)) ?? '',

    /** A file's bytes, as they come. Another host that the Hub redirects to is not shown the token. */
    openFile: (revision: string, path: string): Promise<ReadableStream<Uint8Array>> =>
      attempt(`read ${path} of ${repo}`, async () => {
        const place = [revision, ...path.split('/')].map(encodeURIComponent).join('/');
        const response = await send(`${hubUrl}/${repo}/resolve/${place}`, { headers: authorization });
        if (!response.ok || response.body === null) {
          throw refuse(`read ${path} of ${repo}`, await readRefusal(response));
        }
        return response.body;
      }),

    /** Asks how the Hub would keep each file. @param files with the first 512 bytes in base64 */
    askUploadModes: async (
      files: readonly { readonly path: string; readonly size: number; readonly sample: string }[],
    ): Promise<{ modes: Map<string, UploadMode>; ignored: string[] }> => {
      const modes = new Map<string, UploadMode>();
      const ignored: string[] = [];
      const doing = `ask how ${repo} keeps its files`;
      for (let at = 0; at < files.length; at += FILES_PER_PREUPLOAD) {
        const question = { method: 'POST', json: { files: files.slice(at, at + FILES_PER_PREUPLOAD) } };
        const answer = await askFor(preuploadAnswer, doing, `${api}/preupload/${BRANCH}`, question);
        for (const file of answer.files) {
          modes.set(file.path, file.uploadMode);
          if (file.shouldIgnore) ignored.push(file.path);
        }
      }
      return { modes, ignored };
    },

    create: (isPrivate: boolean | null): Promise<void> =>
      attempt(`create ${repo}`, async () => {
        const visibility = isPrivate ? 'private' : 'public';
        await createRepo({ ...writer, ...(isPrivate === null ? {} : { visibility }) });
      }),

    /** Uploads and commits, and returns the new commit's id. Never sends the commit itself twice. */
    commit: (request: CommitRequest): Promise<string> =>
      attempt(`commit to ${repo}`, async () => {
        const events = commitIter({
          ...writer,
          fetch: tellParts(send),
          branch: BRANCH,
          title: request.title,
          description: request.description,
          operations: request.files.map((file) => ({ operation: 'addOrUpdate', ...file })),
          ...(request.parent === null ? {} : { parentCommit: request.parent }),
          ...(signal === undefined ? {} : { abortSignal: signal }),
        });
        for (;;) {
          const { done, value } = await events.next();
          if (done) return commitOidAnswer.parse(value?.commit.oid);
          if (value.event === 'phase' && value.phase === 'committing') request.onSend();
          if (value.event === 'fileProgress' && value.state === 'uploading')
            request.onUpload(value.path, value.progress);
        }
      }),

    /** The commit that a branch, tag or commit names. */
    resolveRevision: async (revision: string): Promise<string> => {
      const url = `${api}/revision/${encodeURIComponent(revision)}`;
      return (await askFor(revisionAnswer, `find ${repo} at ${revision}`, url)).sha;
    },

    createTag: async (tag: string, revision: string): Promise<void> => {
      const url = `${api}/tag/${encodeURIComponent(revision)}`;
      await ask(`set the tag ${tag} on ${repo}`, url, { method: 'POST', json: { tag } });
    },
  };
}
