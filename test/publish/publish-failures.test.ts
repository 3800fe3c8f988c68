import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { writeLock } from '../../src/bundle.ts';
import type { PublishPlan } from '../../src/publish/index.ts';
import { writeReport } from '../../src/verification.ts';
import { sampleReport } from './sample-report.ts';
import {
  commitBeside,
  type Intercept,
  OTHER_TOKEN,
  READ_TOKEN,
  type Stage,
  setStage,
  TOKEN,
} from './stage.ts';

const waits: number[] = [];
vi.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => {
    waits.push(ms);
  },
}));
beforeEach(() => {
  waits.length = 0;
});

/** Acts on requests whose path holds `part`, and lets the others through. */
const on =
  (part: string, act: Intercept): Intercept =>
  (url, init, send) =>
    url.pathname.includes(part) ? act(url, init, send) : send(url, init);

const cut = async (): Promise<Response> => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('socket'), { code: 'ECONNRESET' }) });
};

const SECRETS = /ThatMustNeverBeSeen/;

describe('before any request', () => {
  test('an edited file is refused by name', async () => {
    const stage = await setStage();
    await writeFile(join(stage.dir, 'config.json'), '{"edited": true}\n');
    await writeFile(join(stage.dir, 'stray.txt'), 'x');
    await rm(join(stage.dir, 'test_set.csv'));
    const error = await stage.fail();
    expect(error.code).toBe('NOT_VERIFIED');
    expect(error.message).toContain('config.json (changed), stray.txt (unexpected), test_set.csv (missing)');
    expect(stage.requests).toEqual([]);
  });

  test('a missing, failed or foreign report is refused', async () => {
    const stage = await setStage();
    await rm(join(stage.dir, 'verification.json'));
    expect(await stage.fail()).toMatchObject({ code: 'NOT_VERIFIED' });
    await stage.change({}, { ok: false });
    expect(await stage.fail()).toMatchObject({ code: 'NOT_VERIFIED' });
    await writeReport(stage.dir, sampleReport('f'.repeat(64)));
    expect(await stage.fail()).toMatchObject({ code: 'NOT_VERIFIED' });
    await writeFile(join(stage.dir, 'verification.json'), '[');
    expect(await stage.fail()).toMatchObject({ code: 'INPUT_INVALID' });
    expect(stage.requests).toEqual([]);
  });

  test('empty files and a missing card are refused', async () => {
    const stage = await setStage();
    await stage.change({ 'merges.txt': '' });
    const empty = await stage.fail();
    expect([empty.code, empty.message]).toEqual(['INPUT_INVALID', 'these files are empty: merges.txt']);
    await rm(join(stage.dir, 'merges.txt'));
    await rm(join(stage.dir, 'README.md'));
    await writeLock(stage.dir);
    expect(await stage.fail({ requireReport: false })).toMatchObject({ code: 'INPUT_MISSING' });
    expect(stage.requests).toEqual([]);
  });

  test.each([
    ['USAGE', { repo: 'model' }],
    ['USAGE', { repo: '../etc/passwd' }],
    ['USAGE', { hubUrl: 'hub.example' }],
    ['INPUT_INVALID', { accessToken: 'api_ThatMustNeverBeSeen' }],
    ['INPUT_INVALID', { accessToken: 'hf_ThatMustNeverBeSeen\r\nX-Evil: 1' }],
  ])('%s for %j', async (code, options) => {
    const stage = await setStage();
    const error = await stage.fail(options);
    expect(error.code).toBe(code);
    expect(inspect(error)).not.toMatch(SECRETS);
    expect(stage.requests).toEqual([]);
  });
});

describe('permission', () => {
  test.each([
    ['a wrong token', { accessToken: 'hf_wrongThatMustNeverBeSeen' }, /answered 401: Invalid credentials/],
    ['a token that can only read', { accessToken: READ_TOKEN }, /the token of me can only read/],
    [
      'a namespace of others',
      { repo: 'stranger/model' },
      /no stranger\/model that the token of me may write to/,
    ],
  ])('%s is refused before anything is written', async (_, options, message) => {
    const stage = await setStage();
    const error = await stage.fail(options);
    expect(error.code).toBe('HUB_REFUSED');
    expect(error.message).toMatch(message);
    expect(error.hint).toBeTruthy();
    expect(stage.requests.filter((request) => !request.startsWith('GET'))).toEqual([]);
  });

  test('a repository of others is refused', async () => {
    const stage = await setStage();
    await stage.publish();
    const error = await stage.fail({ accessToken: OTHER_TOKEN });
    expect(error.code).toBe('HUB_REFUSED');
    expect(error.message).toContain('could not write to me/model: the Hub answered 403');
  });

  test('a repository that was renamed is named, and not written to under the name it had', async () => {
    const stage = await setStage();
    await stage.publish();
    const moved = await fetch(`${stage.hubUrl}/api/repos/move`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ fromRepo: 'me/model', toRepo: 'Team/other', type: 'model' }),
    });
    expect(moved.status).toBe(200);
    stage.requests.length = 0;
    for (const options of [{}, { pullRequest: true }]) {
      const error = await stage.fail(options);
      expect(error).toMatchObject({
        code: 'HUB_REFUSED',
        hint: expect.stringContaining('--repo Team/other'),
      });
      expect(error.message).toBe('me/model was renamed: it is Team/other now');
    }
    expect(stage.requests.filter((request) => !request.startsWith('GET'))).toEqual([]);
    // A name in another case is the same one.
    expect((await stage.publish({ repo: 'team/OTHER' })).commit).toBeNull();
  });

  test('a card that the Hub does not take is refused before the upload', async () => {
    const stage = await setStage();
    await stage.change({ 'README.md': '---\nlicense: [\n---\n' });
    const offline = await stage.fail();
    expect(offline.code).toBe('INPUT_INVALID');
    expect(offline.message).toContain('the Hub does not take this README.md: Invalid YAML');
    expect(stage.requests).toEqual([]);
    await stage.change({ 'README.md': '---\nlicense: mit\n---\n' });
    // The Hub may know rules that are newer than these.
    const refuse: Intercept = async () =>
      Response.json({ errors: [{ message: '"license" is outdated' }], warnings: [] }, { status: 400 });
    const online = await stage.fail({}, on('/validate-yaml', refuse));
    expect(online.code).toBe('HUB_REFUSED');
    expect(online.message).toContain('could not publish this README.md: the Hub answered 400: "license"');
    expect(stage.requests.at(-1)).toBe('POST /api/validate-yaml');
  });

  test('a file that the .gitignore on the Hub shuts out is refused', async () => {
    const stage = await setStage();
    await stage.publish();
    const ignore: Intercept = async () =>
      Response.json({ files: [{ path: 'config.json', uploadMode: 'regular', shouldIgnore: true }] });
    const error = await stage.fail({}, on('/preupload/', ignore));
    expect(error.message).toBe('the .gitignore of me/model shuts out config.json');
  });
});

describe('the commit', () => {
  /** Somebody else commits before the first commit of this run arrives. */
  const overtake = (stage: Stage, path: string): Intercept => {
    let done = false;
    return on('/commit/', async (url, init, send) => {
      if (!done) await commitBeside(stage.hubUrl, path);
      done = true;
      return send(url, init);
    });
  };

  test('a commit by someone else in between is named, and ours goes on top of it', async () => {
    const stage = await setStage();
    await stage.publish();
    await stage.change({ 'config.json': '{}\n' });
    const asked: (string | null)[] = [];
    const confirm = async ({ head }: PublishPlan) => asked.push(head) > 0;
    const result = await stage.publish({ confirm }, overtake(stage, 'theirs.txt'));
    expect(await stage.listHub()).toMatchObject({ 'theirs.txt': 6, 'config.json': 3 });
    expect(result.commit?.oid).toBe(await stage.head());
    expect(result.plan.kept).toContain('theirs.txt');
    expect(asked).toHaveLength(2);
    expect(stage.events.flatMap((event) => (event.kind === 'note' ? [event.message] : []))).toContainEqual(
      expect.stringMatching(/^me committed "theirs" \([0-9a-f]{7}\) meanwhile: planned anew on top of it$/),
    );
  });

  test('one that changes the same file is a conflict, and nothing of it is overwritten', async () => {
    const stage = await setStage();
    await stage.publish();
    await stage.change({ 'config.json': '{}\n' });
    const error = await stage.fail({}, overtake(stage, 'config.json'));
    expect(error.code).toBe('HUB_CONFLICT');
    expect(error.message).toMatch(
      /^me committed "theirs" \(.{7}\) meanwhile, and changed config.json, which this publish changes too/,
    );
    expect((await stage.listHub())['config.json']).toBe(6);
  });

  test('somebody who is always quicker ends it after five rounds', async () => {
    const stage = await setStage();
    await stage.publish();
    await stage.change({ 'config.json': '{}\n' });
    let count = 0;
    const error = await stage.fail(
      {},
      on('/commit/', async (url, init, send) => {
        count += 1;
        await commitBeside(stage.hubUrl, `theirs-${count}.txt`);
        return send(url, init);
      }),
    );
    expect([error.code, error.message]).toEqual([
      'HUB_CONFLICT',
      'others keep committing to me/model: 5 plans were overtaken',
    ]);
  });

  const LOST: [what: string, answer: () => Promise<Response>][] = [
    ['a 500', async () => Response.json({ error: 'Internal Error' }, { status: 500 })],
    ['a gateway timeout', async () => new Response('<html>504</html>', { status: 504 })],
    ['a cut connection', cut],
    ['an answer that is no JSON', async () => new Response('ok')],
  ];

  test.each(LOST)('%s after the commit has landed is a success', async (_, answer) => {
    const stage = await setStage();
    const result = await stage.publish(
      {},
      on('/commit/', async (url, init, send) => {
        await send(url, init);
        return answer();
      }),
    );
    expect(result.commit?.oid).toBe(await stage.head());
    expect(stage.commits).toHaveLength(1);
    expect((await stage.publish()).commit).toBeNull();
  });

  test.each(LOST)(
    '%s before it has landed: the head is read each time before it is sent again, and nothing is changed',
    async (_, answer) => {
      const stage = await setStage();
      await stage.publish();
      const head = await stage.head();
      await stage.change({ 'config.json': '{}\n' });
      const error = await stage.fail({}, on('/commit/', answer));
      expect(error.code).toBe('HUB_UNREACHABLE');
      expect(error.hint).toContain('run the same command again; nothing is lost');
      expect(await stage.head()).toBe(head);
      expect(stage.commits).toHaveLength(6);
      const looks = [0, 2000, 5000];
      expect(waits).toEqual([1000, 2000, 4000, 8000].flatMap((wait) => [...looks, wait]).concat(looks));
      expect((await stage.publish()).commit).not.toBeNull();
    },
  );

  test('a commit that lands only after the gateway gave up is found', async () => {
    const stage = await setStage();
    let land = async (): Promise<unknown> => undefined;
    let looks = 0;
    const result = await stage.publish({}, async (url, init, send) => {
      if (url.pathname.includes('/commit/')) {
        // The client gives up on its request, and the Hub goes on.
        land = () => send(url, { ...init, signal: null });
        return new Response('', { status: 504 });
      }
      if (url.pathname.endsWith('/revision/main') && stage.commits.length > 0) {
        looks += 1;
        if (looks === 2) await land();
      }
      return send(url, init);
    });
    expect(result.commit?.oid).toBe(await stage.head());
    expect(looks).toBe(2);
  });

  test('a head that moved to something else is not taken for ours', async () => {
    const stage = await setStage();
    await stage.publish();
    await stage.change({ 'config.json': '{}\n' });
    let failed = false;
    const result = await stage.publish(
      {},
      on('/commit/', async (url, init, send) => {
        if (failed) return send(url, init);
        failed = true;
        await commitBeside(stage.hubUrl, 'theirs.txt');
        return new Response('', { status: 500 });
      }),
    );
    expect(result.commit?.oid).toBe(await stage.head());
    expect(await stage.listHub()).toMatchObject({ 'theirs.txt': 6, 'config.json': 3 });
  });

  test('another commit at work is waited for', async () => {
    const stage = await setStage();
    let refusals = 2;
    const busy: Intercept = async (url, init, send) =>
      refusals-- > 0 ? Response.json({ error: 'in progress' }, { status: 409 }) : send(url, init);
    const result = await stage.publish({}, on('/commit/', busy));
    expect(result.commit?.oid).toBe(await stage.head());
    expect(stage.commits).toHaveLength(3);
  });

  test('a refused commit is final', async () => {
    const stage = await setStage();
    const refuse: Intercept = async () => Response.json({ error: 'secrets' }, { status: 400 });
    expect(await stage.fail({}, on('/commit/', refuse))).toMatchObject({ code: 'HUB_REFUSED' });
    expect(stage.commits).toHaveLength(1);
  });
});

describe('on the way', () => {
  test('a 429 with Retry-After is waited for, also before the commit', async () => {
    const stage = await setStage();
    const refused = new Set<string>();
    const result = await stage.publish({}, async (url, init, send) => {
      const key = `${init.method} ${url.pathname}`;
      if (refused.has(key)) return send(url, init);
      refused.add(key);
      const headers = { 'Retry-After': '3' };
      return Response.json({ error: 'You have exceeded the rate limit' }, { status: 429, headers });
    });
    expect(result.commit?.oid).toBe(await stage.head());
    expect(new Set(waits)).toEqual(new Set([3000]));
    const notes = stage.events.filter((event) => event.kind === 'note');
    expect(notes).toHaveLength(waits.length);
    expect(notes[0]?.message).toMatch(/answered 429; trying again in 3 s/);
  });

  test('an upload that fails twice is sent again, from its first byte', async () => {
    const stage = await setStage();
    let failures = 2;
    const result = await stage.publish({}, async (url, init, send) => {
      if (init.method === 'PUT' && failures-- > 0)
        return failures === 1 ? cut() : new Response('', { status: 503 });
      return send(url, init);
    });
    expect(result.verifiedFiles).toBe(6);
  });

  test('a Hub that is not there', async () => {
    const stage = await setStage();
    const error = await stage.fail({}, cut);
    expect(error).toMatchObject({ code: 'HUB_UNREACHABLE' });
    expect(error.message).toMatch(
      /could not ask whose token this is: no usable answer from 127.0.0.1:\d+ \(ECONNRESET\)/,
    );
    expect(stage.requests).toHaveLength(5);
  });

  test.each([
    ['whoami-v2', { name: 12 }],
    ['/refs', { branches: 'none' }],
    ['/tree/', [{ type: 'file', path: 'README.md', size: 'big' }]],
    ['/preupload/', {}],
  ])('an answer of a strange shape to %s', async (part, body) => {
    const stage = await setStage();
    await stage.publish();
    const error = await stage.fail(
      {},
      on(part, async () => Response.json(body)),
    );
    expect(error.code).toBe('HUB_UNREACHABLE');
  });

  test('a file that changes while it is sent is not published', async () => {
    const stage = await setStage();
    await stage.publish();
    await stage.change({ 'model.safetensors': Buffer.alloc(50_000, 1) });
    const error = await stage.fail(
      {},
      on('/lfs/objects/batch', async (url, init, send) => {
        await writeFile(join(stage.dir, 'model.safetensors'), Buffer.alloc(50_001, 2));
        return send(url, init);
      }),
    );
    expect(error).toMatchObject({ code: 'NOT_VERIFIED' });
    expect((await stage.listHub())['model.safetensors']).toBe(40_000);
  });

  test.each(['whoami-v2', '/preupload/', '/lfs-storage/', '/commit/', '/tree/'])(
    'Ctrl-C at %s',
    async (part) => {
      const stage = await setStage();
      const controller = new AbortController();
      const error = await stage.fail(
        { signal: controller.signal },
        on(part, async (url, init, send) => {
          controller.abort();
          return send(url, init);
        }),
      );
      expect(error).toMatchObject({ code: 'ABORTED' });
      const after = stage.requests.length;
      await new Promise((resolve) => setImmediate(resolve));
      expect(stage.requests).toHaveLength(after);
    },
  );

  test('a signal that has fired already stops it before it reads', async () => {
    const stage = await setStage();
    expect(await stage.fail({ signal: AbortSignal.abort() })).toMatchObject({ code: 'ABORTED' });
    expect(stage.requests).toEqual([]);
  });
});

describe('reading back', () => {
  /** Changes what the tree says once the commit is through. */
  const falsify =
    (stage: { commits: string[] }, change: (rows: Record<string, unknown>[]) => unknown[]): Intercept =>
    async (url, init, send) => {
      const response = await send(url, init);
      if (!url.pathname.includes('/tree/') || stage.commits.length === 0) return response;
      return Response.json(change((await response.json()) as Record<string, unknown>[]));
    };
  const flip = (hash: unknown): string => String(hash).replace(/^./, (c) => (c === '0' ? '1' : '0'));

  test.each<[what: string, fault: string, change: (rows: Record<string, unknown>[]) => unknown[]]>([
    [
      'other text',
      'config.json (other bytes)',
      (rows) => rows.map((row) => (row.path === 'config.json' ? { ...row, oid: flip(row.oid) } : row)),
    ],
    [
      'other weights',
      'model.safetensors (other bytes)',
      (rows) =>
        rows.map((row) => {
          const lfs = row.lfs as { oid: string } | undefined;
          return row.path === 'model.safetensors' ? { ...row, lfs: { ...lfs, oid: flip(lfs?.oid) } } : row;
        }),
    ],
    [
      'another size',
      'README.md (other bytes)',
      (rows) => rows.map((row) => (row.path === 'README.md' ? { ...row, size: 1 } : row)),
    ],
    [
      'a file that is gone',
      'onnx/model.onnx (missing)',
      (rows) => rows.filter((row) => row.path !== 'onnx/model.onnx'),
    ],
    [
      'a file nobody sent',
      'evil.py (unexpected)',
      (rows) => [...rows, { ...rows.at(-1), type: 'file', path: 'evil.py' }],
    ],
    ['nothing', 'README.md (missing)', () => []],
  ])('%s is a mismatch', async (_, fault, change) => {
    const stage = await setStage();
    const error = await stage.fail({ tag: 'v1' }, falsify(stage, change));
    expect(error.code).toBe('HUB_MISMATCH');
    expect(error.message).toContain(fault);
    expect(stage.requests.filter((request) => request.includes('/tag/'))).toEqual([]);
  });
});

test('a tag that someone else sets meanwhile, elsewhere, is a conflict', async () => {
  const stage = await setStage();
  await stage.publish({ tag: 'v1' });
  await stage.change({ 'config.json': '{}\n' });
  const error = await stage.fail(
    { tag: 'v1' },
    on('/refs', async (url, init, send) => {
      const response = await send(url, init);
      if (stage.commits.length > 1) return response;
      return Response.json({ ...((await response.json()) as object), tags: [] });
    }),
  );
  expect(error).toMatchObject({ code: 'HUB_CONFLICT' });
  expect(error.message).toContain('v1 exists already');
});

test('the token is in no error, event, plan or commit, even if the Hub repeats it', async () => {
  const stage = await setStage();
  const said: unknown[] = [await stage.publish()];
  await stage.change({ 'config.json': '{}\n' });
  const echoes: (() => Response)[] = [
    () => Response.json({ error: `Bad header: Bearer ${TOKEN}` }, { status: 400 }),
    () =>
      new Response(`Bearer ${TOKEN}`, {
        status: 500,
        headers: { 'X-Error-Message': TOKEN, 'X-Request-Id': TOKEN },
      }),
    () => new Response(`Bearer ${TOKEN}`),
    () => Response.json({ name: TOKEN, branches: TOKEN }),
    () => new Response(null, { status: 429, headers: { 'Retry-After': '9999', 'X-Error-Message': TOKEN } }),
  ];
  const paths = [
    'whoami-v2',
    'auth-check',
    'validate-yaml',
    '/refs',
    '/tree/',
    '/preupload/',
    '/resolve/',
    '/commit/',
  ];
  for (const path of paths) {
    for (const echo of echoes)
      said.push(
        await stage.fail(
          {},
          on(path, async () => echo()),
        ),
      );
  }
  said.push(await stage.fail({}, on('/refs', cut)), stage.events, stage.commits);
  const report = await readFile(join(stage.dir, 'verification.json'), 'utf8');
  const text = inspect([said, report], {
    depth: null,
    maxStringLength: null,
    maxArrayLength: null,
    showHidden: true,
  });
  expect(text).not.toMatch(SECRETS);
  expect(JSON.stringify(said)).not.toMatch(SECRETS);
});
