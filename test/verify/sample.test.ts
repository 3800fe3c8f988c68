import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLock, writeLock } from '../../src/bundle.ts';
import { estimateIntervals } from '../../src/metrics/bootstrap.ts';
import { readPassingReport } from '../../src/verification.ts';
import { verify } from '../../src/verify/index.ts';
import { chooseRows } from '../../src/verify/sample.ts';
import { editTensor, failedRules, openWorkshop, verifyDamaged, type Workshop } from './bundle-fixture.ts';
import { inExamples, type RecordedExample } from './cases/examples.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.dispose());

const SAMPLE = { rows: 60, seed: 7 };
const readReportText = (dir: string) => readFileSync(join(dir, 'verification.json'), 'utf8');

describe('choosing rows', () => {
  test('takes as many as asked, each once, and a larger sample holds the smaller one', () => {
    const numbers = fc.integer({ min: 2, max: 300 });
    fc.assert(
      fc.property(numbers, numbers, fc.nat(), (a, b, seed) => {
        const [small, large] = [
          chooseRows(301, { rows: Math.min(a, b), seed }),
          chooseRows(301, { rows: Math.max(a, b), seed }),
        ];
        expect(new Set(large).size).toBe(Math.max(a, b));
        expect([...large]).toEqual([...large].sort((x, y) => x - y));
        for (const row of small) expect(large).toContain(row);
      }),
    );
    expect(chooseRows(100, { rows: 10, seed: 1 })).not.toEqual(chooseRows(100, { rows: 10, seed: 2 }));
  });

  test.each([[1], [300], [301]])('refuses %i of 300', (rows) => {
    expect(() => chooseRows(300, { rows, seed: 0 })).toThrow(
      `a sample of ${rows} rows of a test split of 300`,
    );
  });
});

describe('the intervals of a sample', () => {
  test('hold the truth about as often as they say, and shrink with the root of the rows', () => {
    // Errors of ±0.1 around a label, from a fixed sequence: the mean absolute error of the whole is 0.05.
    let state = 1;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const draw = (n: number) => {
      const labels = Array.from({ length: n }, random);
      return [labels, labels.map((label) => label + 0.2 * (random() - 0.5))] as const;
    };
    const trials = Array.from({ length: 60 }, (_, i) => estimateIntervals(...draw(50), i).mae!);
    const hits = trials.filter(([low, high]) => low <= 0.05 && 0.05 <= high).length;
    expect(hits).toBeGreaterThanOrEqual(57);
    const width = ([low, high]: readonly [number, number]) => high - low;
    const ratio =
      width(estimateIntervals(...draw(50), 1).mae!) / width(estimateIntervals(...draw(800), 1).mae!);
    expect(ratio).toBeGreaterThan(3);
    expect(ratio).toBeLessThan(5.3);
  });

  test('there are none for what a sample cannot bound or a draw leaves undefined', () => {
    const intervals = estimateIntervals([0, 0, 1], [0.1, 0.2, 0.7], 0);
    expect(intervals).not.toHaveProperty('maxError');
    expect(intervals).not.toHaveProperty('pearson');
    expect(intervals.mae).toBeDefined();
  });
});

describe('verifying a sample', () => {
  test('is labelled partial, the same each time, and never enough to publish', async () => {
    const dir = workshop.copy();
    const report = await verify(dir, { sample: SAMPLE });
    const text = readReportText(dir);
    expect(report).toMatchObject({
      ok: false,
      partial: true,
      sample: { rows: 60, of: 339, seed: 7, confidence: 0.99 },
      summary: { fail: 0 },
      inference: { rows: 60 },
    });
    const mae = report.metrics.find(({ metric }) => metric === 'mae')!;
    expect(mae.interval![0]).toBeLessThan(mae.actual!);
    expect(mae.interval![1]).toBeGreaterThan(mae.actual!);
    await verify(dir, { sample: SAMPLE });
    expect(readReportText(dir)).toBe(text);
    await expect(readPassingReport(dir, await readLock(dir))).rejects.toMatchObject({
      code: 'NOT_VERIFIED',
      message: `${dir} was verified in part only: a sample of its rows`,
    });
  });

  test('does not replace the passing report about the same files', async () => {
    const dir = workshop.copy();
    await verify(dir);
    const text = readReportText(dir);
    expect((await verify(dir, { sample: SAMPLE })).ok).toBe(false);
    expect(readReportText(dir)).toBe(text);
  });

  test('sees other weights, row by row', async () => {
    const dir = workshop.copy();
    await verifyDamaged(dir, (damaged) =>
      editTensor(damaged, 'regressor.weight', (values) => {
        values[7] = -(values[7] ?? 0);
      }),
    );
    expect(failedRules(await verify(dir, { sample: SAMPLE }))).toEqual(['predictions-match']);
  });

  test('compares the examples that are in it, and says so when none is', async () => {
    const dir = workshop.copy();
    let recorded: RecordedExample[] = [];
    await inExamples((examples) => {
      recorded = examples.map(({ row, score }) => ({ row, score: score / 2 }));
      return recorded;
    })(dir);
    await writeLock(dir);
    const count = (seed: number) =>
      [...chooseRows(339, { rows: 60, seed })].filter((at) => recorded.some(({ row }) => row === at)).length;
    const seedOf = (hits: number) => Array.from({ length: 500 }, (_, i) => i).find((i) => count(i) === hits)!;
    const check = (hits: number) =>
      verify(dir, { sample: { rows: 60, seed: seedOf(hits) }, only: ['card-examples'] });
    const some = await check(1);
    expect(failedRules(some)).toEqual(['card-examples']);
    expect(some.findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^1 of 1 examples differ by more than 0\.0001; most, row \d+: 0\./),
    ]);
    expect((await check(0)).checks).toMatchObject([
      { status: 'skip', reason: 'no example is in the sample' },
    ]);
  });

  test('of more rows than there are is a mistake of the caller, not of the bundle', async () => {
    await expect(verify(workshop.copy(), { sample: { rows: 339, seed: 0 } })).rejects.toMatchObject({
      code: 'USAGE',
      hint: 'verify all rows: leave --sample out',
    });
  });
});
