import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeLock } from '../../src/bundle.ts';
import { HubwrightError } from '../../src/errors.ts';
import { verify } from '../../src/verify/index.ts';
import { openWorkshop, type Workshop } from '../verify/bundle-fixture.ts';
import { makeSmallRun } from '../verify/catalogue/small-run.ts';

/** One of each kind of file that is read from a bundle that somebody else made. */
const FILES = [
  'model.safetensors',
  'model.onnx',
  'training_args.bin',
  'tokenizer.json',
  'tokenizer_config.json',
  'config.json',
  'hubwright.json',
  'test_set.csv',
  'test_predictions.csv',
  'README.md',
  'modeling_reward.py',
  'modernbert_reward_model_predictions_scatter.png',
  'modernbert_reward_model_predictions_scatter.svg',
];

/** Bytes that lengths, depths, escapes and quotes are made of. */
const NASTY = [
  Buffer.alloc(8, 0xff),
  Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
  Buffer.from('"'),
  Buffer.from('[['.repeat(5000)),
  Buffer.from('{"a":'.repeat(5000)),
  Buffer.from('\u001b[2J\u0007'),
  Buffer.from('../../../etc/passwd'),
  Buffer.from('999999999999999999999'),
  Buffer.from('-1e999'),
  Buffer.from('&a [*a, *a, *a, *a]\n'.repeat(20)),
  Buffer.from([0xed, 0xa0, 0x80]),
];

type Edit = (bytes: Buffer) => Buffer;
const at = (bytes: Buffer, share: number) => Math.floor(share * bytes.length);
const share = fc.double({ min: 0, max: 1, noNaN: true });
// Headers stand at the beginning: half of the edits go there.
const place = fc.oneof(share, fc.double({ min: 0, max: 0.002, noNaN: true }));

const edit: fc.Arbitrary<Edit> = fc.oneof(
  place.map(
    (from): Edit =>
      (bytes) =>
        bytes.subarray(0, at(bytes, from)),
  ),
  fc.tuple(place, fc.nat(255)).map(
    ([where, byte]): Edit =>
      (bytes) => {
        const copy = Buffer.from(bytes);
        if (copy.length > 0) copy[Math.min(at(copy, where), copy.length - 1)] = byte;
        return copy;
      },
  ),
  fc.tuple(place, fc.constantFrom(...NASTY)).map(
    ([where, inserted]): Edit =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at(bytes, where)), inserted, bytes.subarray(at(bytes, where))]),
  ),
  fc.tuple(place, fc.nat(64)).map(
    ([where, length]): Edit =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at(bytes, where)), bytes.subarray(at(bytes, where) + length)]),
  ),
);

describe('a bundle in which a file was changed at random', () => {
  let workshop: Workshop;
  let dir: string;
  beforeAll(async () => {
    const run = await makeSmallRun();
    workshop = await openWorkshop(run.dir);
    run.dispose();
    dir = workshop.copy();
  });
  afterAll(() => workshop.dispose());

  test.each(FILES)('%s: is judged, or refused in one clear error', async (file) => {
    const path = join(dir, file);
    const whole = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        writeFileSync(
          path,
          edits.reduce<Buffer>((bytes, one) => one(bytes), whole),
        );
        try {
          await writeLock(dir);
          const { checks, findings } = await verify(dir, { cheap: true });
          expect(checks.length).toBeGreaterThan(30);
          for (const { message, hint } of findings) {
            expect(message).not.toBe('');
            expect(hint).not.toBe('');
            expect(message).not.toMatch(/Cannot read properties|is not a function|is not iterable|\[object/);
          }
        } catch (error) {
          // Only what the whole run stands on may end it, and then in words.
          expect(error).toBeInstanceOf(HubwrightError);
        }
      }),
      { numRuns: 12 },
    );
    writeFileSync(path, whole);
  });
});
