import { randomBytes } from 'node:crypto';
import { commit, downloadFile, fileDownloadInfo } from '@huggingface/hub';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createXetHasher, fromHex, toHex } from '../../src/formats/xet/hash.ts';
import { unpackLz4 } from '../../src/hub/xet/lz4.ts';
import { ALICE, ALICE_READS, BOB, sha256, useHub } from './running-hub.ts';

const hub = useHub();
const access = () => ({ accessToken: ALICE, hubUrl: hub.url() });
/** What packs well as text, what packs well by byte position, and what does not pack. */
const TEXT = Buffer.from(Array.from({ length: 60_000 }, (_, line) => `line ${line} of a text\n`).join(''));
const FLOATS = Buffer.from(Float32Array.from({ length: 200_000 }, (_, at) => Math.sin(at / 50) / 100).buffer);
const NOISE = randomBytes(1_500_000);

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly body: Buffer;
  readonly headers: Headers;
}

/** Uploads with @huggingface/hub over Xet and returns what it sent to the content store. */
async function upload(id: string, files: Record<string, Buffer>): Promise<Sent[]> {
  const sent: Sent[] = [];
  const spy: typeof fetch = async (input, init = {}) => {
    const url = String(input);
    if (url.includes('/xet-cas/')) {
      const body = Buffer.from((init.body as Uint8Array | undefined) ?? []);
      sent.push({ url, method: init.method ?? 'GET', body, headers: new Headers(init.headers) });
    }
    return fetch(input, init);
  };
  const operations = Object.entries(files).map(([path, content]) => ({
    operation: 'addOrUpdate' as const,
    path,
    content: new Blob([new Uint8Array(content)]),
  }));
  await commit({ repo: id, ...access(), title: 'upload', operations, useXet: true, fetch: spy });
  return sent;
}

const bytesOf = async (blob: Blob | null | undefined) =>
  Buffer.from((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
const posted = (sent: readonly Sent[], part: string) =>
  sent.filter(({ url, method }) => method === 'POST' && url.includes(part));

async function send({ url, method, headers }: Sent, body: Buffer): Promise<[number, string]> {
  const answer = await fetch(url, { method, headers, body: new Uint8Array(body) });
  return [answer.status, await answer.text()];
}

async function grant(id: string, scope: 'read' | 'write', token = ALICE): Promise<Response> {
  return hub.call(`/api/models/${id}/xet-${scope}-token/main`, { token });
}

describe('Xet', () => {
  it('takes files from @huggingface/hub and gives them back, whole and in part', async () => {
    const id = await hub.newRepo();
    const files = { 'text.bin': TEXT, 'floats.safetensors': FLOATS, 'noise.onnx': NOISE };
    await upload(id, files);
    for (const [path, content] of Object.entries(files)) {
      const info = await fileDownloadInfo({ repo: id, path, ...access() });
      expect([path, info?.xet?.hash, info?.size]).toEqual([
        path,
        expect.stringMatching(/^[0-9a-f]{64}$/),
        content.length,
      ]);
      const blob = await downloadFile({ repo: id, path, ...access() });
      expect([path, sha256(await bytesOf(blob))]).toEqual([path, sha256(content)]);
      const part = blob?.slice(70_001, 400_003);
      expect(sha256(await bytesOf(part))).toBe(sha256(content.subarray(70_001, 400_003)));
    }
    const rows = (await (await hub.call(`/api/models/${id}/tree/main`)).json()) as { xetHash?: string }[];
    expect(rows.filter(({ xetHash }) => xetHash !== undefined)).toHaveLength(3);
  });

  it('gives what came over Xet to clients without it', async () => {
    const id = await hub.newRepo();
    await upload(id, { 'noise.onnx': NOISE });
    const at = await hub.call(`/${id}/resolve/main/noise.onnx`);
    expect([at.status, at.headers.get('X-Linked-Etag')]).toEqual([302, `"${sha256(NOISE)}"`]);
    const location = at.headers.get('Location') ?? '';
    expect(sha256(Buffer.from(await (await hub.call(location, { token: '' })).arrayBuffer()))).toBe(
      sha256(NOISE),
    );
    const headers = { Range: 'bytes=1000000-1000009' };
    const part = await hub.call(location, { token: '', headers });
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([
      206,
      NOISE.subarray(1_000_000, 1_000_010),
    ]);
    const body = { operation: 'upload', objects: [{ oid: sha256(NOISE), size: NOISE.length }] };
    const batch = await hub.call(`/${id}.git/info/lfs/objects/batch`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(await batch.json()).toMatchObject({ transfer: 'basic', objects: [{ oid: sha256(NOISE) }] });
  });

  it('sends no chunk twice, not even to another repository', async () => {
    const content = randomBytes(2_000_000);
    await upload(await hub.newRepo(), { 'a.bin': content });
    const changed = Buffer.concat([
      content.subarray(0, 1_000_000),
      Buffer.from('!'),
      content.subarray(1_000_000),
    ]);
    const id = await hub.newRepo();
    const xorbs = posted(await upload(id, { 'b.bin': changed }), '/v1/xorbs/');
    expect(xorbs.length).toBe(1);
    expect(xorbs[0]?.body.length).toBeLessThan(400_000);
    const blob = await downloadFile({ repo: id, path: 'b.bin', ...access(), xet: false });
    expect(sha256(await bytesOf(blob))).toBe(sha256(changed));
  });

  it('refuses xorbs that are not what their hash says', async () => {
    const id = await hub.newRepo();
    const [xorb] = posted(await upload(id, { 'a.bin': randomBytes(300_000) }), '/v1/xorbs/');
    if (xorb === undefined) throw new Error('no xorb was sent');
    expect(await send(xorb, xorb.body)).toEqual([200, '{"was_inserted":false}']);
    const other = { ...xorb, url: xorb.url.replace(/[0-9a-f]{64}$/, 'ab'.repeat(32)) };
    expect(await send(other, xorb.body)).toEqual([400, expect.stringContaining('not abababab')]);
    const flipped = Buffer.from(xorb.body);
    flipped[1000] = (flipped[1000] ?? 0) ^ 1;
    expect((await send(other, flipped))[0]).toBe(400);
    expect(await send(other, xorb.body.subarray(0, -1))).toEqual([400, expect.stringContaining('cut off')]);
    expect(await send(other, Buffer.from('text instead'))).toEqual([
      400,
      expect.stringContaining('no valid header'),
    ]);
    expect((await send(other, Buffer.alloc(0)))[0]).toBe(400);
    const name = { ...xorb, url: xorb.url.replace(/[0-9a-f]{64}$/, '..%2Fx') };
    expect((await send(name, xorb.body))[0]).toBe(400);
  });

  it('refuses shards that lie about a file', async () => {
    const id = await hub.newRepo();
    const content = randomBytes(500_000);
    const [shard] = posted(await upload(id, { 'a.bin': content }), '/v1/shards');
    if (shard === undefined) throw new Error('no shard was sent');
    const { body } = shard;
    expect(await send(shard, body)).toEqual([200, '{"result":0}']);
    // A row has 48 bytes: the header, the file, its one term, its proof, its SHA-256, and the bookend.
    const damage = (at: number) => {
      const copy = Buffer.from(body);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy;
    };
    expect(await send(shard, damage(0))).toEqual([400, expect.stringContaining('damaged')]);
    expect(await send(shard, damage(48))).toEqual([400, expect.stringContaining('by its chunks')]);
    expect(await send(shard, damage(96))).toEqual([400, expect.stringContaining('was not uploaded')]);
    expect(await send(shard, damage(96 + 36))).toEqual([400, expect.stringContaining('has a term')]);
    const renamed = damage(48);
    expect(await send(shard, Buffer.concat([renamed.subarray(0, 144), damage(144).subarray(144)]))).toEqual([
      400,
      expect.stringContaining('verification hash'),
    ]);
    expect(await send(shard, damage(192))).toEqual([400, expect.stringContaining('SHA-256')]);
    expect((await send(shard, body.subarray(0, 100)))[0]).toBe(400);
    const operation = {
      key: 'lfsFile',
      value: { path: 'x.bin', algo: 'sha256', oid: sha256('nobody sent this'), size: 16 },
    };
    expect((await hub.commit(id, [operation])).status).toBe(400);
  });

  it('tells while it checks a shard, and how that ended', async () => {
    const id = await hub.newRepo();
    const sent = await upload(id, { 'a.bin': randomBytes(400_000), 'b.bin': randomBytes(400_000) });
    const [shard] = posted(sent, '/v1/shards');
    if (shard === undefined) throw new Error('no shard was sent');
    const telling = { ...shard, url: shard.url.replace('/v1/', '/v2/') };
    const linesOf = async (body: Buffer) => {
      const [status, text] = await send(telling, body);
      return [
        status,
        ...text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      ];
    };
    const files = posted(sent, '/v1/shards').length === 1 ? 2 : 1;
    expect(await linesOf(shard.body)).toEqual([
      200,
      ...Array.from({ length: files + 1 }, (_, verified) => ({ type: 'validating', verified, total: files })),
      { type: 'result' },
    ]);
    const renamed = Buffer.from(shard.body);
    renamed[48] = (renamed[48] ?? 0) ^ 1;
    expect(await linesOf(renamed)).toEqual([
      200,
      { type: 'validating', verified: 0, total: files },
      { type: 'error', message: expect.stringContaining('by its chunks'), retryable: false },
    ]);
    expect((await send(telling, Buffer.from('no shard')))[0]).toBe(400);
  });

  it('takes a xorb of exactly 64 MiB and not one byte more', async () => {
    const { accessToken, casUrl } = (await (await grant(await hub.newRepo(), 'write')).json()) as Record<
      string,
      string
    >;
    const hasher = await createXetHasher();
    const store = async (lengths: readonly number[], fill: number) => {
      const contents = lengths.map((length) => Buffer.alloc(length, fill));
      // A chunk as it is: version 0, its packed length, compression 0, its own length.
      const parts = contents.flatMap((content) => {
        const header = Buffer.alloc(8);
        header.writeUIntLE(content.length, 1, 3);
        header.writeUIntLE(content.length, 5, 3);
        return [header, content];
      });
      const chunks = contents.map((content) => ({ hash: hasher.chunk(content), length: content.length }));
      const answer = await fetch(`${casUrl}/v1/xorbs/default/${toHex(hasher.xorb(chunks))}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${accessToken}` },
        body: new Uint8Array(Buffer.concat(parts)),
      });
      return [answer.status, await answer.text()];
    };
    const full = Array.from({ length: 512 }, () => 128 * 1024);
    expect(await store(full, 1)).toEqual([200, '{"was_inserted":true}']);
    expect(await store([...full, 1], 2)).toEqual([400, expect.stringContaining('at most 67108864 bytes')]);
  });

  it('gives tokens for one repository, to those who may, and checks them', async () => {
    const id = await hub.newRepo({ private: true });
    expect((await grant(id, 'read', BOB)).status).toBe(404);
    expect((await grant(id, 'write', ALICE_READS)).status).toBe(403);
    expect((await grant(id, 'write', '')).status).toBe(401);
    const answer = await grant(id, 'read', ALICE_READS);
    const { casUrl, accessToken, exp } = (await answer.json()) as Record<string, string>;
    expect(answer.headers.get('X-Xet-Cas-Url')).toBe(casUrl);
    expect(answer.headers.get('X-Xet-Access-Token')).toBe(accessToken);
    expect(Number(exp)).toBeGreaterThan(Date.now() / 1000);
    const ask = (path: string, token: string | undefined, method = 'GET') =>
      fetch(casUrl + path, {
        method,
        headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      });
    const hash = 'ab'.repeat(32);
    expect((await ask(`/v1/reconstructions/${hash}`, undefined)).status).toBe(401);
    expect((await ask(`/v1/reconstructions/${hash}`, ALICE)).status).toBe(401);
    expect((await ask(`/v1/reconstructions/${hash}`, `${accessToken}x`)).status).toBe(401);
    expect((await ask(`/v1/reconstructions/${hash}`, accessToken)).status).toBe(404);
    expect((await ask('/v1/reconstructions/nonsense', accessToken)).status).toBe(400);
    expect((await ask('/v1/shards', accessToken, 'POST')).status).toBe(403);

    await upload(id, { 'a.bin': NOISE });
    const rows = (await (await hub.call(`/api/models/${id}/tree/main`)).json()) as { xetHash?: string }[];
    const file = rows.find(({ xetHash }) => xetHash !== undefined)?.xetHash;
    const other = (await (await grant(await hub.newRepo(), 'read')).json()) as { accessToken: string };
    expect((await ask(`/v1/reconstructions/${file}`, other.accessToken)).status).toBe(404);
    const found = await ask(`/v1/reconstructions/${file}`, accessToken);
    const { fetch_info } = (await found.json()) as {
      fetch_info: Record<string, { url: string; url_range: { start: number; end: number } }[]>;
    };
    const [piece] = Object.values(fetch_info).flat();
    const { start, end } = piece?.url_range ?? { start: 0, end: 0 };
    const load = (range: string) => fetch(piece?.url ?? '', { headers: { Range: range } });
    expect((await load(`bytes=${start}-${end}`)).status).toBe(206);
    expect((await load(`bytes=${start}-${end - 1}`)).status).toBe(403);
    expect((await fetch(piece?.url ?? '')).status).toBe(403);
    const beyond = { Authorization: `Bearer ${accessToken}`, Range: 'bytes=99999999-' };
    expect((await fetch(`${casUrl}/v1/reconstructions/${file}`, { headers: beyond })).status).toBe(416);
  });
});

describe('the hashes of Xet', () => {
  // From the protocol's reference: xet_core_structures, aggregated_hashes.rs, test_correctness.
  const ONE = 'cfc5d07f6f03c29bbf424132963fe08d19a37d5757aaf520bf08119f05cd56d6';
  const TWO = 'c3e67584b5c4fc2a89837ec39e40f2c8a6bb0b2987ac94cd4b31e5fbdd210a72';
  const THREE = '0d2beb91b9196929a5ddec9f6e306924ddf4a24268e3e59fd8464738d525af37';
  const FOUR = 'adf8773496a9b7319b2e50dc98093f344053b17d8ad37100b9c07d9805988784';
  it.each([
    [[], '0'.repeat(64), '0'.repeat(64)],
    [[[ONE, 100]], ONE, '8e16257caa3fe079d484d872a8975264b2ff683b0d6db9028cc7c0f968a45661'],
    [
      [
        [ONE, 100],
        [TWO, 200],
        [THREE, 300],
      ],
      '71ec1275fca074724e2dd666921b3277c7cee603e4d025bcab2d4050015be2bc',
      '54e55dccc6653c612bdb5576c5d3cb34bb31bc4e100248abccf4c908b3ef7715',
    ],
    [
      [
        [ONE, 100],
        [TWO, 200],
        [ONE, 100],
        [TWO, 200],
        [THREE, 300],
        [FOUR, 400],
      ],
      '52c826f99507aa05d0b45e9837fa1709e0485425cfbcb1e80db3905cf98b3ee9',
      '91d21684db364c8883ab8209fa5eb2e781cf07f37e1fa43e731c30839afe422f',
    ],
  ] as const)('of a list of chunks are the reference ones: %#', async (rows, xorb, file) => {
    const hasher = await createXetHasher();
    const chunks = rows.map(([hash, length]) => ({ hash: fromHex(hash) ?? Buffer.alloc(32), length }));
    expect(toHex(hasher.xorb(chunks))).toBe(xorb);
    if (rows.length > 0) expect(toHex(hasher.file(chunks))).toBe(file);
  });
});

describe('an LZ4 frame', () => {
  const frame = (...blocks: number[][]) =>
    Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0xc0, ...blocks.flat(), 0, 0, 0, 0]);

  it('unpacks literals and overlapping repeats', () => {
    // "ab" as literals, then 7 bytes from 2 back, then "!" as literals.
    const block = [0x23, 0x61, 0x62, 2, 0, 0x10, 0x21];
    expect(unpackLz4(frame([block.length, 0, 0, 0, ...block]), 10)?.toString()).toBe('ababababa!');
    expect(unpackLz4(frame([2, 0, 0, 0x80, 0x68, 0x69]), 2)?.toString()).toBe('hi');
    expect(unpackLz4(frame([block.length, 0, 0, 0, ...block]), 9)).toBeUndefined();
    expect(unpackLz4(frame([block.length, 0, 0, 0, ...block]), 11)).toBeUndefined();
  });

  it('of a stranger does no harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(1000), (bytes, length) => {
        const size = [bytes.length & 255, bytes.length >> 8, 0, 0];
        const unpacked = unpackLz4(frame([...size, ...bytes]), length);
        expect(unpacked === undefined || unpacked.length === length).toBe(true);
        expect(unpackLz4(bytes, length)).toBeUndefined();
      }),
    );
  });
});
