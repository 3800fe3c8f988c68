import { createCipheriv } from 'node:crypto';
import { commit, downloadFile } from '@huggingface/hub';
import { MerkleHashSubtree } from '@huggingface/xetchunk-wasm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createXetHasher } from '../../src/formats/xet/hash.ts';
import { parseDirtyRanges } from '../../src/hub/xet/file-chunk-hashes.ts';
import { buildSubtree } from '../../src/hub/xet/hash-subtree.ts';
import { ALICE, ALICE_READS, sha256, useHub } from './running-hub.ts';

const hub = useHub();
const access = () => ({ accessToken: ALICE, hubUrl: hub.url() });

/** Bytes that look random and are the same in every run: where chunks end depends on them. */
function noise(seed: number, length: number): Buffer {
  const key = Buffer.alloc(32, seed);
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

interface Sent {
  readonly line: string;
  readonly status: number;
  readonly bytes: number;
}

interface Answer {
  readonly gapVerification: string[];
  readonly hashRanges: ({ readonly nodes: { hash: string }[] } | null)[];
}

/** A `fetch` that keeps what was asked of the content store, and may change what it says of a file's chunks. */
function spy(change: (answer: Answer) => void): { sent: Sent[]; fetch: typeof fetch } {
  const sent: Sent[] = [];
  return {
    sent,
    fetch: async (input, init = {}) => {
      const response = await fetch(input, init);
      const { pathname } = new URL(String(input));
      const bytes = (init.body as Uint8Array | undefined)?.byteLength ?? 0;
      if (pathname.startsWith('/xet-cas/'))
        sent.push({ line: `${init.method ?? 'GET'} ${pathname}`, status: response.status, bytes });
      if (!pathname.includes('/file-chunk-hashes/')) return response;
      const answer = (await response.json()) as Answer;
      change(answer);
      return Response.json(answer, response);
    },
  };
}

async function put(id: string, content: Buffer): Promise<void> {
  const operation = {
    operation: 'addOrUpdate',
    path: 'a.bin',
    content: new Blob([new Uint8Array(content)]),
  } as const;
  await commit({ repo: id, ...access(), title: 'put', operations: [operation], useXet: true });
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly content: Buffer;
}

/** Replaces ranges of a file as @huggingface/hub does it, and returns what was sent for that. */
async function edit(
  id: string,
  edits: readonly Edit[],
  change: (answer: Answer) => void = () => {},
): Promise<Sent[]> {
  const originalContent = await downloadFile({ repo: id, path: 'a.bin', ...access() });
  if (originalContent === null) throw new Error('the file is not there');
  const { sent, fetch } = spy(change);
  const parts = edits.map(({ content, ...range }) => ({
    ...range,
    content: new Blob([new Uint8Array(content)]),
  }));
  const operation = { operation: 'edit', path: 'a.bin', originalContent, edits: parts } as const;
  await commit({ repo: id, ...access(), title: 'edit', operations: [operation], useXet: true, fetch });
  return sent;
}

/** The same by hand. */
function apply(content: Buffer, edits: readonly Edit[]): Buffer {
  return edits.reduceRight(
    (whole, { start, end, content: part }) =>
      Buffer.concat([whole.subarray(0, start), part, whole.subarray(end)]),
    content,
  );
}

const uploaded = (sent: readonly Sent[]) =>
  sent.filter(({ line }) => line.includes('/v1/xorbs/')).reduce((sum, { bytes }) => sum + bytes, 0);

/** A file of several terms: each edit leaves what is before and behind it in the xorbs where it was. */
async function putInTerms(id: string): Promise<Buffer> {
  let content = noise(1, 4_000_000);
  await put(id, content);
  for (const [seed, start] of [1_000_000, 2_000_000, 3_000_000].entries()) {
    content = apply(content, [{ start, end: start + 10, content: noise(10 + seed, 200_000) }]);
    await put(id, content);
  }
  return content;
}

const MiB = 1024 * 1024;

describe('a part of a file', () => {
  it.each<[what: string, edits: readonly Edit[]]>([
    ['in the middle', [{ start: 2_050_000, end: 2_050_100, content: Buffer.from('other bytes') }]],
    ['at the start', [{ start: 0, end: 5, content: Buffer.from('first') }]],
    ['at the end', [{ start: 4_599_970, end: 4_599_970, content: noise(7, 300_000) }]],
    [
      'in two places',
      [
        { start: 1_100_000, end: 1_150_000, content: Buffer.alloc(0) },
        { start: 3_500_000, end: 3_500_000, content: noise(8, 100_000) },
      ],
    ],
  ])('%s is replaced by @huggingface/hub without what is around it', async (_, edits) => {
    const id = await hub.newRepo();
    const before = await putInTerms(id);
    expect(before).toHaveLength(4_599_970);
    const sent = await edit(id, edits);
    const asked = sent.filter(({ line }) => line.includes('/v2/file-chunk-hashes/'));
    expect(asked).toEqual([{ line: expect.any(String), status: 200, bytes: 0 }]);
    expect(uploaded(sent)).toBeLessThan(MiB);
    const blob = await downloadFile({ repo: id, path: 'a.bin', ...access(), xet: false });
    expect(sha256(Buffer.from((await blob?.arrayBuffer()) ?? new ArrayBuffer(0)))).toBe(
      sha256(apply(before, edits)),
    );
  });

  it.each<[what: string, change: (answer: Answer) => void, refusal: RegExp]>([
    ['proof', ({ gapVerification }) => gapVerification.reverse(), /verification hash is wrong/],
    ['hash', ({ hashRanges }) => hashRanges[0]?.nodes.reverse(), /has the hash [0-9a-f]{64} by its chunks/],
  ])(
    'goes through the %s that this Hub gave for the rest: with another it is refused',
    async (_, change, refusal) => {
      const id = await hub.newRepo();
      await putInTerms(id);
      const range = { start: 2_050_000, end: 2_050_100, content: Buffer.from('other bytes') };
      await expect(edit(id, [range], change)).rejects.toThrow(refusal);
    },
  );

  it('is told to those who may write, of files of their repository, for ranges that the file has', async () => {
    const id = await hub.newRepo();
    await putInTerms(id);
    const rows = (await (await hub.call(`/api/models/${id}/tree/main`)).json()) as { xetHash?: string }[];
    const hash = rows.find(({ xetHash }) => xetHash !== undefined)?.xetHash ?? '';
    const grant = async (scope: 'read' | 'write', repo = id, token = ALICE) =>
      (await (await hub.call(`/api/models/${repo}/xet-${scope}-token/main`, { token })).json()) as {
        casUrl: string;
        accessToken: string;
      };
    const { casUrl, accessToken } = await grant('write');
    const ask = async (dirty: string | undefined, token = accessToken, file = hash) => {
      const response = await fetch(`${casUrl}/v2/file-chunk-hashes/${file}`, {
        headers: {
          Authorization: `Bearer ${token}`,
          ...(dirty === undefined ? {} : { 'X-Range-Dirty': dirty }),
        },
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const right = await ask('bytes=2000000-2000009');
    expect(right.body).toMatchObject({ fileSize: 4_599_970, totalChunks: expect.any(Number) });
    const [window] = right.body.windows as { dirtyByteRange: [number, number] }[];
    expect(window?.dirtyByteRange[0]).toBeLessThanOrEqual(2_000_000);
    expect(window?.dirtyByteRange[1]).toBeGreaterThan(2_000_010);
    expect(right.body.hashRanges).toMatchObject([
      { at_start: true, at_end: false },
      { at_start: false, at_end: true },
    ]);
    expect(right.body.gapVerification).not.toEqual([]);
    expect((await ask('bytes=0-0', (await grant('read', id, ALICE_READS)).accessToken)).status).toBe(403);
    expect((await ask('bytes=0-0', ALICE)).status).toBe(401);
    const elsewhere = await grant('write', await hub.newRepo());
    expect((await ask('bytes=0-0', elsewhere.accessToken)).status).toBe(404);
    expect((await ask('bytes=0-0', accessToken, 'ab'.repeat(32))).status).toBe(404);
    expect((await ask('bytes=0-0', accessToken, 'nonsense')).status).toBe(400);
    expect((await ask('bytes=4599969-4599970')).status).toBe(416);
    for (const dirty of [undefined, '', '0-5', 'bytes=', 'bytes=5-0', 'bytes=9-19,0-5', 'bytes=-5']) {
      expect([dirty, (await ask(dirty)).status]).toEqual([dirty, 400]);
    }
  });
});

it('ranges are read in order, each with its last byte', () => {
  expect(parseDirtyRanges('bytes=0-99,100-199, 300-300', 301)).toEqual([
    { start: 0, end: 100 },
    { start: 100, end: 200 },
    { start: 300, end: 301 },
  ]);
  expect(parseDirtyRanges('bytes=0-99,50-199', 301)).toBeUndefined();
  expect(parseDirtyRanges('bytes=300-301', 301)).toBe('unsatisfiable');
});

describe('what is known of the hashes of a run of chunks', () => {
  it("is what the client's own library says of it", async () => {
    const hasher = await createXetHasher();
    const run = fc.record({
      seed: fc.nat(255),
      count: fc.oneof(fc.nat(30), fc.nat(3000)),
      atStart: fc.boolean(),
      atEnd: fc.boolean(),
    });
    fc.assert(
      fc.property(run, ({ seed, count, atStart, atEnd }) => {
        const hashes = noise(seed, count * 32);
        const chunks = Array.from({ length: count }, (_, at) => ({
          hash: hashes.subarray(at * 32, at * 32 + 32),
          length: 10_000 + at,
        }));
        const theirs = MerkleHashSubtree.fromChunks(atStart, chunks, atEnd).toJSON();
        expect(buildSubtree(chunks, { atStart, atEnd }, hasher)).toEqual(theirs);
      }),
      { numRuns: 60 },
    );
  });
});
