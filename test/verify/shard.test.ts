import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeLock } from '../../src/bundle.ts';
import { dealGroups } from '../../src/inference/index.ts';
import { verify } from '../../src/verify/index.ts';
import { mergeParts } from '../../src/verify/merge.ts';
import { encodeLogits, type Part } from '../../src/verify/parts.ts';
import { verifyShard } from '../../src/verify/shard.ts';
import { editJson, editText, openWorkshop, type Workshop } from './bundle-fixture.ts';

let workshop: Workshop;
let outDir: string;
let files: string[];
const COUNT = 3;
beforeAll(async () => {
  workshop = await openWorkshop();
  outDir = mkdtempSync(join(tmpdir(), 'hubwright-parts-'));
  files = [];
  for (let index = 1; index <= COUNT; index += 1) {
    files.push((await verifyShard(workshop.clean, { index, count: COUNT }, { outDir })).file);
  }
});
afterAll(() => {
  workshop.dispose();
  rmSync(outDir, { recursive: true, force: true });
});

/** A changed copy of a part. */
function edited(file: string, edit: (part: Record<string, unknown>) => void): string {
  const name = `edited-${Math.abs(file.length)}-${edits++}.json`;
  writeFileSync(join(outDir, name), readFileSync(file));
  editJson(outDir, name, edit);
  return join(outDir, name);
}
let edits = 0;

describe('shards', () => {
  test('each group goes to one shard, whatever their number, and the shards are of one size', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 50 }), (total, count) => {
        const groups = Array.from({ length: total }, (_, i) => [i]);
        const hands = Array.from({ length: count }, (_, i) => dealGroups(groups, { index: i + 1, count }));
        expect(hands.flat(2).sort((a, b) => a - b)).toEqual(groups.flat());
        const sizes = hands.map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(2);
      }),
    );
  });

  test('are scored in the bundle folder too, beside the draft that a killed task left', async () => {
    const dir = workshop.copy();
    writeFileSync(join(dir, 'verification.part-2-of-3.json.317108425'), '{');
    writeFileSync(join(dir, 'verification.json.42'), '{');
    const { file } = await verifyShard(dir, { index: 2, count: COUNT }, { outDir: dir });
    expect(readFileSync(file).equals(readFileSync(files[1]!))).toBe(true);
    expect((await verify(dir, { parts: files })).ok).toBe(true);
  });

  test('merged in any order give the bytes of a single run', async () => {
    const single = workshop.copy();
    await verify(single);
    const merged = workshop.copy();
    const report = await verify(merged, { parts: [files[2]!, files[0]!, files[1]!] });
    expect(report.ok).toBe(true);
    const read = (dir: string) => readFileSync(join(dir, 'verification.json'));
    expect(read(merged).equals(read(single))).toBe(true);
  });

  test('a part in the bundle is no file of it', async () => {
    const dir = workshop.copy();
    await verifyShard(dir, { index: 1, count: 50 }, { outDir: dir });
    expect((await verify(dir)).ok).toBe(true);
  });

  test('are not scored of files that are not those of the lock', async () => {
    const dir = workshop.copy();
    editText(dir, 'README.md', (text) => `${text}\n`);
    await expect(verifyShard(dir, { index: 1, count: 2 }, { outDir })).rejects.toMatchObject({
      code: 'NOT_VERIFIED',
      message: `the files in ${dir} are not those of its lock`,
    });
  });

  const [one, two, three] = [0, 1, 2].map((i) => () => files[i]!);
  test.each<[string, () => string[], RegExp]>([
    ['a missing part', () => [one!(), three!()], /1 of 3 parts are missing: 2$/],
    ['a part twice', () => [one!(), two!(), two!(), three!()], /are both part 2$/],
    [
      'another number of shards',
      () => [
        one!(),
        two!(),
        edited(three!(), (part) => Object.assign(part, { shard: { index: 3, count: 4 } })),
      ],
      /number of shards is 4 in .* and 3 in /,
    ],
    [
      'another version',
      () => [one!(), two!(), edited(three!(), (part) => Object.assign(part.tool!, { version: '0.0.1' }))],
      /was made by hubwright 0\.0\.1, this is /,
    ],
    [
      'another device',
      () => [
        one!(),
        two!(),
        edited(three!(), (part) => Object.assign(part.environment!, { executionProvider: 'cuda' })),
      ],
      /execution provider is cuda in .* and cpu in /,
    ],
    [
      'another ONNX Runtime',
      () => [
        one!(),
        two!(),
        edited(three!(), (part) => Object.assign(part.environment!, { onnxruntime: '1.0.0' })),
      ],
      /ONNX Runtime is 1\.0\.0 in .* and \d+\.\d+\.\d+ in /,
    ],
    [
      'weights left in their file',
      () => [
        one!(),
        two!(),
        edited(three!(), (part) => Object.assign(part.environment!, { weights: 'mapped' })),
      ],
      /setting of the run is \{"weights":"mapped"\} in .* and \{\} in /,
    ],
    [
      'another count of tokens',
      () => [one!(), two!(), edited(three!(), (part) => Object.assign(part.inference!, { tokens: 7 }))],
      /count of tokens is 7 in .* and \d+ in /,
    ],
    [
      'a row less',
      () => [
        one!(),
        two!(),
        edited(three!(), (part) => {
          const { rows, logits } = part as unknown as Part;
          part.rows = rows.slice(1);
          part.logits = Buffer.from(logits, 'base64').subarray(4).toString('base64');
        }),
      ],
      /1 of 339 rows are in no part, the first of them row \d+$/,
    ],
    [
      'a row of another part',
      () => [
        one!(),
        two!(),
        edited(three!(), (part) => {
          const rows = [...(part.rows as number[])];
          rows[0] = (JSON.parse(readFileSync(one!(), 'utf8')) as Part).rows[0]!;
          part.rows = rows;
        }),
      ],
      /row \d+ is in .*part-1-of-3\.json and in /,
    ],
    [
      'a row beyond the last',
      () => [one!(), two!(), edited(three!(), (part) => (part.rows as number[]).splice(0, 1, 339))],
      /has row 340 of 339$/,
    ],
    [
      'fewer logits than rows',
      () => [edited(one!(), (part) => (part.rows as number[]).pop())],
      /is no part: .*it has not one logit a row/s,
    ],
    ['no part', () => [], /no part is named$/],
  ])('%s is refused', async (_, parts, message) => {
    await expect(verify(workshop.clean, { parts: parts() })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('hubwright verify'),
    });
  });

  test('parts of another bundle are refused', async () => {
    const dir = workshop.copy();
    editText(dir, 'README.md', (text) => `${text}\n`);
    await writeLock(dir);
    await expect(verify(dir, { parts: files })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('is about other files than those of this bundle'),
    });
  });

  test('any bytes for a part are refused in words', async () => {
    const path = join(outDir, 'hostile.json');
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        writeFileSync(path, text);
        await expect(verify(workshop.clean, { parts: [path] })).rejects.toMatchObject({
          name: 'HubwrightError',
        });
      }),
      { numRuns: 40 },
    );
  });

  test('every bit of a logit survives, NaN and infinity too', () => {
    const logits = Float32Array.from([Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-45]);
    const part: Part = {
      ...(JSON.parse(readFileSync(files[0]!, 'utf8')) as Part),
      shard: { index: 1, count: 1 },
      inference: { rows: 4, distinctTexts: 4, tokens: 4, truncatedRows: 0 },
      rows: [3, 1, 0, 2],
      logits: encodeLogits(logits),
    };
    const merged = mergeParts([{ file: 'x', part }], part.rootDigest);
    expect([...merged]).toEqual([-0, Number.POSITIVE_INFINITY, logits[3], Number.NaN]);
  });
});
