import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { HubwrightError } from '../errors.ts';
import { createXetHasher, type XetHasher } from '../formats/xet/hash.ts';
import { createAuthenticator, type HubToken } from './auth.ts';
import { createCommitQuota } from './commit-quota.ts';
import type { FaultPlan } from './faults.ts';
import { createRateLimiter, RATE_LIMITS, type RateLimits } from './rate-limit.ts';
import { createHubServer, type RequestLine } from './server.ts';
import { createMultipartUploads } from './storage/multipart.ts';
import { openRepositoryStore, type RepositoryStore } from './storage/repository-store.ts';
import { createUrlSigner } from './url-signer.ts';
import { createXetTokens } from './xet/token.ts';

export type { HubToken } from './auth.ts';
export { createFaultPlan, type Fault, type FaultPlan, type PlannedFault } from './faults.ts';
export { RATE_LIMITS, type RateLimits } from './rate-limit.ts';
export type { Step } from './router.ts';
export type { RequestLine } from './server.ts';

/** A running local Hub. */
export interface Hub {
  /** `http://host:port`: what `HF_ENDPOINT` and `hubUrl` take. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

export interface HubOptions {
  /** Where repositories are kept; made when missing. One running Hub a folder. */
  readonly dataDir: string;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 means a free one. @default 0 */
  readonly port?: number;
  /** The tokens that are valid; no other is. At least one. */
  readonly tokens: readonly HubToken[];
  /** How much callers may send and commit, or false for as much as they like. @default RATE_LIMITS, the Hub's own */
  readonly rateLimits?: RateLimits | false;
  /** Called after each answer. */
  readonly onRequest?: (line: RequestLine) => void;
  /** Faults for tests of clients. */
  readonly faults?: FaultPlan;
}

/**
 * Starts a Hub that speaks the Hugging Face Hub's protocol for models and keeps them in a folder. It refuses
 * what the real one refuses; where that is unknown it refuses rather than allows.
 * Errors: USAGE for tokens, host or port that cannot be used, OUTPUT for a folder that cannot be written.
 */
export async function startHub(options: HubOptions): Promise<Hub> {
  const {
    dataDir,
    host = '127.0.0.1',
    port = 0,
    tokens,
    rateLimits = RATE_LIMITS,
    onRequest,
    faults,
  } = options;
  const authenticate = createAuthenticator(tokens);
  const hasher = await createXetHasher();
  const store = await openStore(dataDir, hasher);
  const server = createHubServer({
    hub: {
      store,
      signer: createUrlSigner(),
      uploads: createMultipartUploads(store.temporaryFolder),
      xet: { xorbs: store.xorbs, hasher, tokens: createXetTokens() },
      busy: new Set(),
      countCommit: rateLimits === false ? undefined : createCommitQuota(rateLimits.commitsPerHour),
      secrets: tokens.map(({ token }) => Buffer.from(token)),
    },
    authenticate,
    host,
    countRequest: rateLimits === false ? undefined : createRateLimiter(rateLimits),
    onRequest,
    faults,
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    await store.close();
    throw new HubwrightError('USAGE', `The local Hub cannot listen on ${host}:${port}.`, {
      hint: 'choose another port; 0 takes a free one',
      cause,
    });
  }
  const bound = server.address() as AddressInfo;
  const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return {
    url: `http://${name}:${bound.port}`,
    port: bound.port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await store.close();
    },
  };
}

async function openStore(dataDir: string, hasher: XetHasher): Promise<RepositoryStore> {
  try {
    return await openRepositoryStore(dataDir, hasher);
  } catch (cause) {
    throw new HubwrightError('OUTPUT', `The local Hub cannot keep its repositories in ${dataDir}.`, {
      hint: 'choose a folder that can be written',
      cause,
    });
  }
}
