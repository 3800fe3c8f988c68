import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { listFiles } from '@huggingface/hub';
import { onTestFinished } from 'vitest';
import { writeLock } from '../../src/bundle.ts';
import { type HubOptions, startHub } from '../../src/hub/index.ts';
import type { ProgressEvent } from '../../src/progress.ts';
import { type PublishOptions, type PublishResult, publish } from '../../src/publish/index.ts';
import { type VerificationReport, writeReport } from '../../src/verification.ts';
import { sampleReport } from './sample-report.ts';

export const TOKEN = 'hf_writeTokenThatMustNeverBeSeen';
export const READ_TOKEN = 'hf_readTokenThatMustNeverBeSeen';
export const OTHER_TOKEN = 'hf_otherTokenThatMustNeverBeSeen';
export const REPO = 'me/model';

/** A small model repository: text, a table, and a binary file that goes to large-file storage. */
export const FILES: Readonly<Record<string, string | Buffer>> = {
  'README.md': '---\nlicense: apache-2.0\n---\n# Model\n',
  'config.json': '{"model_type": "reward"}\n',
  'model.safetensors': Buffer.from(Array.from({ length: 40_000 }, (_, i) => (i * 31) % 256)),
  'onnx/model.onnx': Buffer.alloc(3_000, 7),
  'test_set.csv': 'a,b\r\n1,2\r\n',
};

type Send = (url: URL, init: RequestInit) => Promise<Response>;
/** Stands between publish and the Hub: passes a request on with `send`, or answers it itself. */
export type Intercept = (url: URL, init: RequestInit, send: Send) => Promise<Response>;

export interface Stage {
  readonly dir: string;
  readonly hubUrl: string;
  /** Every request so far, as `METHOD /path`. */
  readonly requests: string[];
  /** The bodies of commits, as they were sent. */
  readonly commits: string[];
  readonly events: ProgressEvent[];
  /** Writes files into the bundle, and makes its lock and report anew. */
  change(
    files: Readonly<Record<string, string | Buffer>>,
    report?: Partial<VerificationReport>,
  ): Promise<void>;
  publish(options?: Partial<PublishOptions>, intercept?: Intercept): Promise<PublishResult>;
  /** Publishes, expects it to fail, and returns the error. */
  fail(
    options?: Partial<PublishOptions>,
    intercept?: Intercept,
  ): Promise<Error & { code: string; hint?: string }>;
  /** Path → size on the Hub. */
  listHub(revision?: string): Promise<Record<string, number>>;
  head(): Promise<string>;
}

export interface OpenStage extends Stage {
  /** How often each object of large-file storage was taken in whole. */
  readonly stored: Map<string, number>;
  close(): Promise<void>;
}

/** A bundle in a temporary folder and an empty Hub beside it, both gone when the test ends. */
export async function setStage(): Promise<Stage> {
  const stage = await openStage();
  onTestFinished(() => stage.close());
  return stage;
}

interface StageSetup extends Pick<HubOptions, 'faults' | 'rateLimits'> {
  /** Called after each answer of the Hub, with the path that was asked for. */
  readonly onAnswer?: (path: string) => void;
}

/** A stage for several tests, which close it themselves. */
export async function openStage(options: StageSetup = {}): Promise<OpenStage> {
  const root = await mkdtemp(join(tmpdir(), 'publish-'));
  const stored = new Map<string, number>();
  const hub = await startHub({
    ...(options.faults === undefined ? {} : { faults: options.faults }),
    // The fault matrix sends thousands of requests in a few minutes.
    rateLimits: options.rateLimits ?? false,
    onRequest: ({ method, path, status }) => {
      options.onAnswer?.(path);
      if (method !== 'PUT' || status !== 200 || !path.includes('operation=upload')) return;
      const object = path.split('?')[0] ?? path;
      stored.set(object, (stored.get(object) ?? 0) + 1);
    },
    dataDir: join(root, 'hub'),
    tokens: [
      { token: TOKEN, user: 'me', role: 'write', orgs: ['Team'] },
      { token: READ_TOKEN, user: 'me', role: 'read' },
      { token: OTHER_TOKEN, user: 'other', role: 'write' },
    ],
  });
  const dir = join(root, 'bundle');
  const requests: string[] = [];
  const commits: string[] = [];
  const events: ProgressEvent[] = [];
  const auth = { headers: { Authorization: `Bearer ${TOKEN}` } };

  const stage: OpenStage = {
    stored,
    async close() {
      await hub.close();
      await rm(root, { recursive: true });
    },
    dir,
    hubUrl: hub.url,
    requests,
    commits,
    events,
    async change(files, report) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(dir, path)), { recursive: true });
        await writeFile(join(dir, path), content);
      }
      const { rootDigest, files: locked } = await writeLock(dir);
      await writeReport(dir, sampleReport(rootDigest, { files: locked, ...report }));
    },
    publish(options, intercept = (url, init, send) => send(url, init)) {
      const send: Send = (url, init) => fetch(url, init);
      return publish(dir, {
        repo: REPO,
        hubUrl: hub.url,
        accessToken: TOKEN,
        onProgress: (event) => events.push(event),
        fetch: async (input, init = {}) => {
          const url = new URL(input as string);
          requests.push(`${init.method ?? 'GET'} ${url.pathname}`);
          if (!url.pathname.includes('/commit/')) return intercept(url, init, send);
          const body = await new Response(init.body as ReadableStream).text();
          commits.push(body);
          return intercept(url, { ...init, body }, send);
        },
        ...options,
      });
    },
    async fail(options, intercept) {
      const outcome = await stage.publish(options, intercept).then(
        (result) => new Error(`published: ${inspect(result)}`),
        (error: unknown) => error,
      );
      return outcome as Error & { code: string; hint?: string };
    },
    async listHub(revision = 'main') {
      const sizes: Record<string, number> = {};
      const repo = { type: 'model', name: REPO } as const;
      const listing = listFiles({ repo, revision, recursive: true, hubUrl: hub.url, accessToken: TOKEN });
      for await (const { path, size, type } of listing) if (type === 'file') sizes[path] = size;
      return sizes;
    },
    async head() {
      const refs = await (await fetch(`${hub.url}/api/models/${REPO}/refs`, auth)).json();
      return (refs as { branches: { targetCommit: string }[] }).branches[0]?.targetCommit ?? '';
    },
  };
  await stage.change(FILES);
  return stage;
}

/** A commit by somebody else: one file more on the branch. */
export async function commitBeside(
  hubUrl: string,
  path: string,
  repo = REPO,
  text = 'theirs',
): Promise<void> {
  const content = Buffer.from(text).toString('base64');
  const lines = [
    { key: 'header', value: { summary: 'theirs', description: '' } },
    { key: 'file', value: { path, content, encoding: 'base64' } },
  ];
  const response = await fetch(`${hubUrl}/api/models/${repo}/commit/main`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/x-ndjson' },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  });
  if (!response.ok) throw new Error(await response.text());
}
