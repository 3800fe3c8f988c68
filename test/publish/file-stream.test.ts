import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { streamFile } from '../../src/publish/file-stream.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

const BYTES = randomBytes(9_300_007);
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function openFile(): Promise<FileHandle> {
  const path = join(makeTempDir(), 'weights');
  writeFileSync(path, BYTES);
  const file = await open(path);
  onTestFinished(() => file.close());
  return file;
}

describe('a part of a file as a stream', () => {
  test.each([
    [0, BYTES.length],
    [1, 2],
    [1_000_001, 8_000_000],
    [9_300_000, BYTES.length],
  ])('has the bytes from %d up to %d, which may be kept', async (from, to) => {
    let told = 0;
    const stream = streamFile(await openFile(), { from, to, reuse: false }, (length) => (told += length));
    const pieces: Uint8Array[] = [];
    for await (const piece of stream as unknown as AsyncIterable<Uint8Array>) pieces.push(piece);
    expect(sha(Buffer.concat(pieces))).toBe(sha(BYTES.subarray(from, to)));
    expect(told).toBe(to - from);
  });

  // What `reuse` relies on: should Node's fetch ever read ahead, or hold pieces back, this fails.
  test.each(['at once', 'in bursts'])(
    "arrives whole by Node's own fetch at a server that reads %s",
    async (how) => {
      const seen: string[] = [];
      const server = createServer(async (request, response) => {
        const hash = createHash('sha256');
        let count = 0;
        for await (const part of request) {
          hash.update(part as Buffer);
          count += 1;
          if (how === 'in bursts' && count % 20 === 0) await wait(5);
        }
        seen.push(hash.digest('hex'));
        response.end();
      });
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      onTestFinished(() => void server.close());
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const file = await openFile();
      const halves = [
        { from: 0, to: 5_000_003, reuse: true },
        { from: 5_000_003, to: BYTES.length, reuse: true },
      ];
      await Promise.all(
        halves.map(async (part) => {
          const init = { method: 'PUT', body: streamFile(file, part, () => {}), duplex: 'half' };
          expect((await fetch(url, init as RequestInit)).status).toBe(200);
        }),
      );
      expect(seen.sort()).toEqual(halves.map(({ from, to }) => sha(BYTES.subarray(from, to))).sort());
    },
  );

  test('breaks when the file has become shorter', async () => {
    const file = await openFile();
    const stream = streamFile(file, { from: 9_000_000, to: BYTES.length + 1, reuse: true }, () => {});
    await expect(new Response(stream).arrayBuffer()).rejects.toThrow('shorter');
  });
});
