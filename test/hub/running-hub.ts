import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepo } from '@huggingface/hub';
import { afterAll, beforeAll } from 'vitest';
import {
  createFaultPlan,
  type FaultPlan,
  type Hub,
  type HubOptions,
  type HubToken,
  type RequestLine,
  startHub,
} from '../../src/hub/index.ts';

export const ALICE = 'hf_aliceWrites';
export const ALICE_READS = 'hf_aliceReads';
export const BOB = 'hf_bobWrites';

export const TOKENS: readonly HubToken[] = [
  { token: ALICE, user: 'alice', role: 'write', orgs: ['acme'] },
  { token: ALICE_READS, user: 'alice', role: 'read' },
  { token: BOB, user: 'bob', role: 'write' },
];

/** A Hub for one test file, on a free port and a folder of its own. */
export interface RunningHub {
  readonly url: () => string;
  readonly dataDir: () => string;
  readonly lines: RequestLine[];
  readonly faults: FaultPlan;
  /** A new public repository of alice's; returns its id. */
  newRepo(options?: { private?: boolean }): Promise<string>;
  /** fetch against the Hub, as alice unless `token` says otherwise; redirects are not followed. */
  call(path: string, init?: RequestInit & { token?: string | undefined }): Promise<Response>;
  /** POSTs a commit's NDJSON. */
  commit(
    id: string,
    operations: readonly unknown[],
    header?: Record<string, unknown>,
    to?: { rev?: string; query?: string; token?: string },
  ): Promise<Response>;
  /** Stops the Hub and starts it again on the same folder. */
  restart(): Promise<void>;
}

/** @param options where a file's Hub is not to be without quotas, as the others are */
export function useHub(options: Pick<HubOptions, 'rateLimits'> = {}): RunningHub {
  let hub: Hub;
  let dataDir: string;
  let count = 0;
  const lines: RequestLine[] = [];
  const faults = createFaultPlan();
  const start = async () => {
    const onRequest = (line: RequestLine) => lines.push(line);
    // Some tests send thousands of requests in a moment.
    hub = await startHub({ dataDir, tokens: TOKENS, rateLimits: false, onRequest, faults, ...options });
  };
  const call: RunningHub['call'] = (path, { token = ALICE, ...init } = {}) => {
    const headers = new Headers(init.headers);
    if (token !== '') headers.set('Authorization', `Bearer ${token}`);
    return fetch(path.startsWith('http') ? path : hub.url + path, { redirect: 'manual', ...init, headers });
  };
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'hub-test-'));
    await start();
  });
  afterAll(async () => {
    await hub.close();
    await rm(dataDir, { recursive: true });
  });
  return {
    url: () => hub.url,
    dataDir: () => dataDir,
    lines,
    faults,
    async newRepo(options = {}) {
      count += 1;
      const id = `alice/model-${count}`;
      const visibility = options.private === true ? 'private' : 'public';
      await createRepo({ repo: id, accessToken: ALICE, hubUrl: hub.url, visibility });
      return id;
    },
    call,
    commit: (id, operations, header = { summary: 'change' }, { rev = 'main', query = '', token } = {}) =>
      call(`/api/models/${id}/commit/${encodeURIComponent(rev)}${query}`, {
        method: 'POST',
        token,
        headers: { 'Content-Type': 'application/x-ndjson' },
        body: [{ key: 'header', value: header }, ...operations]
          .map((line) => JSON.stringify(line))
          .join('\n'),
      }),
    async restart() {
      await hub.close();
      await start();
    },
  };
}

/** A commit's line for a regular file. */
export function fileLine(path: string, content: string | Uint8Array): unknown {
  return {
    key: 'file',
    value: { path, content: Buffer.from(content).toString('base64'), encoding: 'base64' },
  };
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** git's id of a blob, from its definition. */
export function gitSha1(content: string | Uint8Array): string {
  const bytes = Buffer.from(content);
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
