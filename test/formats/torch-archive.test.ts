import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { HubwrightError } from '../../src/errors.ts';
import { readPickle } from '../../src/formats/pickle.ts';
import { readTorchArchive } from '../../src/formats/torch-archive.ts';

const FILES = new URL('../files/training-args/', import.meta.url);

function readSample(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, FILES)));
}

function makeZip(files: Record<string, string>, level: 0 | 6 = 0): Uint8Array {
  const entries = Object.entries(files).map(([name, content]) => [name, Buffer.from(content)] as const);
  return zipSync(Object.fromEntries(entries), { level });
}

async function refusal(bytes: Uint8Array): Promise<string> {
  const error = await readTorchArchive(bytes).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HubwrightError);
  expect((error as HubwrightError).code).toBe('INPUT_INVALID');
  return (error as HubwrightError).message;
}

function replaceAll(bytes: Uint8Array, from: string, to: string, skip = 0): Uint8Array {
  let seen = 0;
  const text = Buffer.from(bytes).toString('latin1');
  return Buffer.from(
    text.replaceAll(from, (match) => (seen++ < skip ? match : to)),
    'latin1',
  );
}

describe('files that torch wrote', () => {
  test('an object without tensors', async () => {
    const { pickle, stem, entries } = await readTorchArchive(readSample('plain.bin'));
    expect(stem).toBe('plain');
    expect([...entries.keys()]).toEqual([
      'data.pkl',
      '.format_version',
      '.storage_alignment',
      'byteorder',
      'version',
      '.data/serialization_id',
    ]);
    expect(readPickle(pickle).end).toBe(pickle.length);
  });

  test('tensors are found by their place in the file, without copying it', async () => {
    const bytes = readSample('tensors.bin');
    const expected = JSON.parse(Buffer.from(readSample('tensors.json')).toString()) as Record<
      string,
      { hex: string }
    >;
    const { pickle, entries } = await readTorchArchive(bytes);
    expect(pickle.buffer).toBe(bytes.buffer);
    const { value } = readPickle(pickle);
    const names: string[] = [];
    for (const [name, call] of (value as { entries: Map<string, unknown> }).entries) {
      const storage = (call as { args: { id: { items: unknown[] } }[] }).args[0]!.id.items;
      expect(call).toMatchObject({ callable: { module: 'torch._utils', name: '_rebuild_tensor_v2' } });
      const { offset, byteLength } = entries.get(`data/${storage[2]}`)!;
      const hex = Buffer.from(bytes.subarray(offset, offset + byteLength)).toString('hex');
      expect(hex).toBe(expected[name]!.hex);
      names.push(name);
    }
    expect(names).toEqual(['weight', 'bias']);
  });

  test('a view into a larger buffer is read from its own start', async () => {
    const plain = readSample('plain.bin');
    const larger = new Uint8Array(plain.length + 20);
    larger.set(plain, 10);
    const view = larger.subarray(10, 10 + plain.length);
    expect((await readTorchArchive(view)).pickle).toEqual((await readTorchArchive(plain)).pickle);
  });
});

describe('files that are refused', () => {
  test('a file from before torch 1.6', async () => {
    expect(await refusal(readSample('legacy.bin'))).toContain('before 1.6');
  });

  test('a zip appended to a pickle, which torch would load as the pickle', async () => {
    const both = Buffer.concat([Buffer.from('\x80\x02N.', 'latin1'), readSample('plain.bin')]);
    expect(await refusal(both)).toContain('bare pickle');
    expect(await refusal(Buffer.concat([Buffer.from('N.'), readSample('plain.bin')]))).toContain(
      'does not start as',
    );
  });

  test('no pickle, no record, no folder', async () => {
    expect(await refusal(makeZip({ 'a/version': '3' }))).toContain('a/data.pkl');
    expect(await refusal(makeZip({ 'data.pkl': 'N.' }))).toContain('outside the folder');
    expect(await refusal(makeZip({ 'a/data.pkl': 'N.', 'b/data.pkl': 'N.' }))).toContain('"b/data.pkl"');
    expect(await refusal(new Uint8Array())).toContain('does not start as');
  });

  test('a Git LFS pointer', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n';
    expect(await refusal(Buffer.from(pointer))).toContain('Git LFS pointer');
  });

  test('a name that would write on the terminal', async () => {
    expect(await refusal(makeZip({ '../é\x1b[31m': '' }))).toMatch(/\.\.\/é\?\[31m$/);
  });

  test('compressed records, so that no size is trusted', async () => {
    expect(await refusal(makeZip({ 'a/data.pkl': 'N'.repeat(1000) }, 6))).toContain('compressed');
  });

  test('names that torch and another reader would take differently', async () => {
    const upper = makeZip({ 'a/data.pkl': 'N.', 'a/DATA.pkl': 'N.' });
    expect(await refusal(upper)).toContain('two records are named');
    const twice = makeZip({ 'a/data.pkl': 'N.', 'a/dat4.pkl': 'N.' });
    expect(await refusal(replaceAll(twice, 'dat4', 'data'))).toContain('two records are named');
    const oneHeader = makeZip({ 'a/dat4.pkl': 'N.' });
    expect(await refusal(replaceAll(oneHeader, 'dat4', 'data', 1))).toContain('two different names');
  });

  test('a second name in an extra field, which torch does not look at', async () => {
    const second = Buffer.from('\x01\0\0\0\0a/data.pkl', 'latin1');
    second.writeUInt32LE(crc32('a/evil.pkl'), 1);
    const zip = zipSync({ 'a/evil.pkl': [Buffer.from('N.'), { extra: { 28789: second } }] }, { level: 0 });
    expect(await refusal(zip)).toContain('two different names');
  });

  test('a TorchScript program', async () => {
    expect(await refusal(makeZip({ 'a/data.pkl': 'N.', 'a/constants.pkl': 'N.' }))).toContain('TorchScript');
  });

  test('every truncation', async () => {
    const bytes = readSample('hostile-root.bin');
    for (let length = 0; length < bytes.length; length += 1) {
      expect(await refusal(bytes.subarray(0, length))).toMatch(/^torch archive: /);
    }
  });

  test('flipped bytes give an archive within the file or a HubwrightError', async () => {
    const sample = readSample('tensors.bin');
    // The directory at the end is where the structure is; flips inside a record change nothing here.
    const index = fc.oneof(
      fc.nat(sample.length - 1),
      fc.integer({ min: sample.length - 700, max: sample.length - 1 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(index, fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 }),
        async (flips) => {
          const bytes = sample.slice();
          for (const [at, mask] of flips) bytes[at] = (bytes[at] ?? 0) ^ mask;
          try {
            const { entries } = await readTorchArchive(bytes);
            for (const { offset, byteLength } of entries.values()) {
              expect(offset + byteLength).toBeLessThanOrEqual(bytes.length);
            }
          } catch (error) {
            expect(error).toBeInstanceOf(HubwrightError);
          }
        },
      ),
      { numRuns: 1_500 },
    );
  });
});
