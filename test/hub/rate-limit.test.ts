import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type HubOptions, RATE_LIMITS, type RateLimits, startHub } from '../../src/hub/index.ts';
import { createRateLimiter, findBucket } from '../../src/hub/rate-limit.ts';
import { PYTHON, PYTHON_HUB2, WITHOUT_PYTHON, WITHOUT_PYTHON_HUB2 } from '../oracle/python.ts';
import { runPython } from './run-python.ts';
import { ALICE, TOKENS } from './running-hub.ts';

const FEW: RateLimits = {
  windowSeconds: 60,
  withToken: { api: 2, resolvers: 3, pages: 1 },
  anonymous: { api: 1, resolvers: 1, pages: 1 },
  commitsPerHour: 1,
};
const alice = { viewer: { user: 'alice', role: 'write', orgs: [] }, address: '127.0.0.1' } as const;
const bob = { viewer: { user: 'bob', role: 'write', orgs: [] }, address: '127.0.0.1' } as const;
const nobody = { viewer: undefined, address: '127.0.0.1' };

async function start(options: Partial<HubOptions>) {
  const dataDir = await mkdtemp(join(tmpdir(), 'hub-quota-'));
  const hub = await startHub({ dataDir, tokens: TOKENS, ...options });
  onTestFinished(async () => {
    await hub.close();
    await rm(dataDir, { recursive: true });
  });
  const call = (path: string, token = ALICE) =>
    fetch(hub.url + path, {
      redirect: 'manual',
      headers: token === '' ? {} : { Authorization: `Bearer ${token}` },
    });
  return { url: hub.url, call };
}

describe('quotas', () => {
  it('are counted for each caller and kind, in windows that begin with the first request', () => {
    let time = 1000;
    const count = createRateLimiter(FEW, () => time);
    expect(count('api', alice)).toEqual({
      RateLimit: '"api";r=1;t=60',
      'RateLimit-Policy': '"fixed window";"api";q=2;w=60',
    });
    time += 20.5;
    expect(count('api', alice).RateLimit).toBe('"api";r=0;t=40');
    expect(() => count('api', alice)).toThrow(
      expect.objectContaining({
        status: 429,
        message: 'You have reached your rate limit: 2 requests in 60 seconds',
        headers: expect.objectContaining({ RateLimit: '"api";r=0;t=40' }),
      }),
    );
    expect(count('resolvers', alice).RateLimit).toBe('"resolvers";r=2;t=60');
    expect(count('api', bob).RateLimit).toBe('"api";r=1;t=60');
    expect(count('api', nobody).RateLimit).toBe('"api";r=0;t=60');
    expect(() => count('api', nobody)).toThrow('1 requests in 60 seconds');
    time += 39.4;
    expect(() => count('api', alice)).toThrow('rate limit');
    time += 0.2;
    expect(count('api', alice).RateLimit).toBe('"api";r=1;t=60');
  });

  it.each([
    ['info', '/api/models/a/b', 'api'],
    ['lfs-batch', '/a/b.git/info/lfs/objects/batch', 'api'],
    ['resolve', '/a/b/resolve/main/x', 'resolvers'],
    ['resolve', '/api/resolve-cache/models/a/b/c/x', 'resolvers'],
    ['other', '/a/b', 'pages'],
    ['lfs-put', '/lfs-storage/a/b/c', undefined],
    ['lfs-complete', '/api/complete_multipart/a/b', undefined],
    ['xorb-get', '/xet-storage/c', undefined],
  ] as const)('%s of %s counts as %s', (step, path, bucket) => {
    expect(findBucket(step, path)).toBe(bucket);
  });
});

describe('a Hub with quotas', () => {
  it("says in every answer what is left, of the real Hub's by default", async () => {
    const { call } = await start({});
    const { api, resolvers, pages } = RATE_LIMITS.withToken;
    const left = async (path: string) => (await call(path)).headers.get('RateLimit');
    expect(await left('/api/whoami-v2')).toMatch(`"api";r=${api - 1};t=`);
    expect(await left('/api/models/alice/none')).toMatch(`"api";r=${api - 2};t=`);
    expect(await left('/alice/none/resolve/main/x')).toMatch(`"resolvers";r=${resolvers - 1};t=`);
    expect(await left('/alice/none')).toMatch(`"pages";r=${pages - 1};t=`);
    const policy = (await call('/api/whoami-v2')).headers.get('RateLimit-Policy');
    expect(policy).toBe(`"fixed window";"api";q=${api};w=300`);
  });

  it('refuses what goes beyond, and does nothing of it', async () => {
    const { call } = await start({ rateLimits: FEW });
    const answers = [
      await call('/api/whoami-v2'),
      await call('/api/whoami-v2'),
      await call('/api/whoami-v2'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]?.headers.get('Retry-After')).toBeNull();
    expect(await answers[2]?.json()).toEqual({
      error: 'You have reached your rate limit: 2 requests in 60 seconds',
    });
    expect((await call('/', '')).status).toBe(200);
    expect((await call('/', '')).status).toBe(429);
  });

  it.for([
    [`1${WITHOUT_PYTHON}`, PYTHON],
    [`2${WITHOUT_PYTHON_HUB2}`, PYTHON_HUB2],
  ] as const)('is understood by huggingface_hub %s', async ([, python], { skip }) => {
    if (python === undefined) return skip();
    const { url } = await start({ rateLimits: FEW });
    const script = `
api = HfApi()
for _ in range(2): api.whoami()
try: api.model_info("alice/none")
except Exception as error: out["error"] = str(error)
`;
    const out = await runPython(url, script, {}, python);
    expect(out.error).toMatch(/Retry after \d+ seconds \(0\/2 requests remaining in current 60s window\)/);
  });

  it('counts nothing when it is told so', async () => {
    const { call } = await start({ rateLimits: false });
    expect((await call('/api/whoami-v2')).headers.get('RateLimit')).toBeNull();
  });
});
