import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadFile } from '@huggingface/hub';
import { describe, expect, it } from 'vitest';
import type { PublishOptions } from '../../../src/publish/index.ts';
import { REPO, type Stage, setStage, TOKEN } from '../stage.ts';
import { noise } from './noise.ts';

const WEIGHTS = noise(3_000_000, 'weights');
/** The same weights with another head: the last 100,000 bytes. */
const retrained = (seed: string) => Buffer.concat([WEIGHTS.subarray(0, 2_900_000), noise(100_000, seed)]);
/** No waiting between tries. */
const PATIENCE = { tries: 3, firstWaitMs: 1, maxWaitMs: 2 };

const notes = (stage: Stage) =>
  stage.events.flatMap((event) => (event.kind === 'note' ? [event.message] : []));
const sentTo = (stage: Stage, part: string) => stage.requests.filter((request) => request.includes(part));
const isXet = (url: URL) => url.pathname.includes('/xet-cas/');

async function readBack(stage: Stage, path: string, revision = 'main'): Promise<Buffer> {
  const access = { hubUrl: stage.hubUrl, accessToken: TOKEN };
  const blob = await downloadFile({ repo: REPO, path, revision, ...access });
  return Buffer.from((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
}

/** A stage whose weights came once over LFS, as at a first publish, and once over Xet. */
async function openPublished(): Promise<Stage> {
  const stage = await setStage();
  await stage.change({ 'model.safetensors': WEIGHTS });
  await stage.publish();
  expect(sentTo(stage, '/xet-cas/')).toEqual([]);
  await stage.change({ 'model.safetensors': retrained('first') });
  await stage.publish();
  stage.requests.length = 0;
  stage.events.length = 0;
  return stage;
}

/** Publishes and counts the bytes of xorbs. */
async function publishCounting(stage: Stage, options: Partial<PublishOptions> = {}): Promise<number> {
  let bytes = 0;
  await stage.publish(options, (url, init, send) => {
    if (url.pathname.includes('/xorbs/')) bytes += Number(new Headers(init.headers).get('Content-Length'));
    return send(url, init);
  });
  return bytes;
}

describe('publish over Xet', () => {
  it('sends of weights that were trained further only what is new, and says so', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    const bytes = await publishCounting(stage);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(450_000);
    expect(sentTo(stage, '/lfs-storage/')).toEqual([]);
    expect(notes(stage).join('\n')).toMatch(/model\.safetensors: \d+ kB of 3 MB are new to the Hub/);
    expect((await readBack(stage, 'model.safetensors')).equals(retrained('second'))).toBe(true);
  });

  it('tells of all bytes once, sent or not', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    await stage.publish();
    const told = stage.events.flatMap((event) => (event.kind === 'advance' ? [event] : []));
    expect(told.at(-1)).toMatchObject({ stage: 'upload', unit: 'bytes' });
    expect(told.at(-1)?.done).toBe(told.at(-1)?.total);
    expect(Math.max(...told.map(({ done, total }) => done / total))).toBe(1);
  });

  it('sends a second file with the same content in another frame once', async () => {
    const stage = await setStage();
    const copy = Buffer.concat([noise(5_000, 'header'), WEIGHTS]);
    await stage.change({ 'model.safetensors': WEIGHTS, 'onnx/model.onnx_data': copy });
    const bytes = await publishCounting(stage);
    expect(bytes).toBeLessThan(3_000_000 + 450_000);
    expect((await readBack(stage, 'onnx/model.onnx_data')).equals(copy)).toBe(true);
    expect((await readBack(stage, 'model.safetensors')).equals(WEIGHTS)).toBe(true);
  });

  it('repeats within a file are sent once', async () => {
    const stage = await openPublished();
    const repeating = Buffer.concat([noise(400_000, 'a'), Buffer.alloc(2_000_000), noise(500_000, 'b')]);
    await stage.change({ 'model.safetensors': repeating });
    expect(await publishCounting(stage)).toBeLessThan(1_400_000);
    expect((await readBack(stage, 'model.safetensors')).equals(repeating)).toBe(true);
  });

  it('goes to branches and pull requests as well', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('branch') });
    expect(await publishCounting(stage, { branch: 'next' })).toBeLessThan(450_000);
    expect((await readBack(stage, 'model.safetensors', 'next')).equals(retrained('branch'))).toBe(true);
    await stage.change({ 'model.safetensors': retrained('pull') });
    expect(await publishCounting(stage, { pullRequest: true })).toBeLessThan(450_000);
    expect((await readBack(stage, 'model.safetensors', 'refs/pr/1')).equals(retrained('pull'))).toBe(true);
  });

  it('is not used where it is turned off', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    await stage.publish({ xet: false });
    expect(sentTo(stage, '/xet-cas/')).toEqual([]);
    expect(sentTo(stage, '/lfs-storage/')).toHaveLength(1);
  });

  it('is not used where the Hub does not offer it', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    await stage.publish({}, (url, init, send) => {
      if (!url.pathname.endsWith('/objects/batch')) return send(url, init);
      return send(url, { ...init, body: String(init.body).replace(',"xet"', '') });
    });
    expect(sentTo(stage, '/xet-cas/')).toEqual([]);
    expect((await readBack(stage, 'model.safetensors')).equals(retrained('second'))).toBe(true);
  });
});

describe('a content store that fails', () => {
  it.each([
    ['is down', '/xet-cas/', () => new Response('bad gateway', { status: 502 })],
    ['refuses the token', '/xet-cas/', () => new Response('{"error":"Unauthorized"}', { status: 401 })],
    ['refuses a xorb', '/xorbs/', () => new Response('{"error":"no"}', { status: 400 })],
    ['refuses the shard', '/shards', () => new Response('{"error":"no"}', { status: 400 })],
    ['cannot be reached', '/xet-cas/', () => Promise.reject(new TypeError('fetch failed'))],
  ])('%s: the file goes over LFS, which is said', async (_, part, answer) => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    await stage.publish({ patience: PATIENCE }, (url, init, send) =>
      url.pathname.includes(part) ? Promise.resolve(answer()) : send(url, init),
    );
    expect(notes(stage).join('\n')).toContain('; sending over LFS instead');
    expect(sentTo(stage, 'PUT /lfs-storage/')).toHaveLength(1);
    expect((await readBack(stage, 'model.safetensors')).equals(retrained('second'))).toBe(true);
    const told = stage.events.flatMap((event) => (event.kind === 'advance' ? [event] : []));
    expect(told.at(-1)?.done).toBe(told.at(-1)?.total);
  });

  it('knows nothing of chunks: all are sent', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    let bytes = 0;
    await stage.publish({ patience: PATIENCE }, (url, init, send) => {
      if (url.pathname.includes('/chunks/')) return Promise.resolve(new Response('', { status: 404 }));
      if (url.pathname.includes('/xorbs/')) bytes += Number(new Headers(init.headers).get('Content-Length'));
      return send(url, init);
    });
    expect(bytes).toBeGreaterThan(2_999_999);
  });

  it('answers with a damaged shard: all are sent', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    await stage.publish({ patience: PATIENCE }, (url, init, send) =>
      url.pathname.includes('/chunks/') ? Promise.resolve(new Response('no shard')) : send(url, init),
    );
    expect((await readBack(stage, 'model.safetensors')).equals(retrained('second'))).toBe(true);
  });

  it('lies about what it has: the shard is refused, and the file goes over LFS', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    await stage.publish({ patience: PATIENCE }, async (url, init, send) => {
      if (!url.pathname.includes('/chunks/')) return send(url, init);
      const answer = await send(url, init);
      if (!answer.ok) return answer;
      const shard = Buffer.from(await answer.arrayBuffer());
      // The first xorb's hash, behind the header and the end of the list of files.
      shard.fill(7, 96, 128);
      return new Response(shard);
    });
    expect(notes(stage).join('\n')).toContain('; sending over LFS instead');
    expect((await readBack(stage, 'model.safetensors')).equals(retrained('second'))).toBe(true);
  });

  it('has a token that is over: another one is asked for, once', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    await stage.publish({}, async (url, init, send) => {
      const answer = await send(url, init);
      if (!url.pathname.endsWith('/objects/batch')) return answer;
      const text = await answer.text();
      return new Response(text.replace(/("X-Xet-Token-Expiration":")\d+/, '$11700000000'), answer);
    });
    expect(sentTo(stage, '/xet-write-token/main')).toHaveLength(1);
    expect(sentTo(stage, '/lfs-storage/')).toEqual([]);
  });

  it('revokes its token: another one is asked for', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    let refused = false;
    await stage.publish({}, (url, init, send) => {
      if (!url.pathname.includes('/xorbs/') || refused) return send(url, init);
      refused = true;
      return Promise.resolve(new Response('{"error":"expired"}', { status: 401 }));
    });
    expect(sentTo(stage, '/xet-write-token/main')).toHaveLength(1);
    expect(sentTo(stage, '/lfs-storage/')).toEqual([]);
  });

  it('gets its own token and never that of the Hub, and neither is shown when it quotes them', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    const shown: string[] = [];
    await stage.publish({ patience: PATIENCE }, (url, init, send) => {
      if (!isXet(url)) return send(url, init);
      const authorization = new Headers(init.headers).get('Authorization') ?? '';
      shown.push(authorization);
      const answer = new Response(JSON.stringify({ error: `what is ${authorization}` }), { status: 400 });
      return Promise.resolve(answer);
    });
    expect(shown.length).toBeGreaterThan(0);
    for (const one of shown) expect(one).toMatch(/^Bearer xet_/);
    const said = notes(stage).join('\n');
    expect(said).toContain('what is Bearer hf_…');
    expect(said).not.toMatch(/xet_\w|hf_write/);
  });

  it('with an address that is no URL: LFS', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    await stage.publish({}, async (url, init, send) => {
      const answer = await send(url, init);
      if (!url.pathname.endsWith('/objects/batch')) return answer;
      return new Response((await answer.text()).replace(/("X-Xet-Cas-Url":")[^"]+/, '$1nowhere'), answer);
    });
    expect(notes(stage).join('\n')).toContain('no usable address of its content store; sending over LFS');
  });
});

describe('a file that changes while it is sent over Xet', () => {
  it('is not published', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    const before = await stage.head();
    const error = await stage.fail({ patience: PATIENCE }, async (url, init, send) => {
      if (url.pathname.endsWith('/objects/batch')) {
        await writeFile(join(stage.dir, 'model.safetensors'), noise(3_000_000, 'other'));
      }
      return send(url, init);
    });
    expect(error.code).toBe('HUB_REFUSED');
    expect(await stage.head()).toBe(before);
  });

  it('and becomes shorter is named', async () => {
    const stage = await openPublished();
    await stage.change({ 'model.safetensors': retrained('second') });
    const error = await stage.fail({ patience: PATIENCE }, async (url, init, send) => {
      if (url.pathname.endsWith('/objects/batch')) {
        await truncate(join(stage.dir, 'model.safetensors'), 2_000_000);
      }
      return send(url, init);
    });
    expect(error).toMatchObject({
      code: 'NOT_VERIFIED',
      message: 'model.safetensors changed while it was being sent',
    });
    expect((await readFile(join(stage.dir, 'model.safetensors'))).length).toBe(2_000_000);
  });
});
