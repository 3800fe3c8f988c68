import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ScoreOptions, scoreTexts } from '../../src/inference/index.ts';
import type { ScoreProgress } from '../../src/inference/progress.ts';
import { openWorkshop, type Workshop } from '../verify/bundle-fixture.ts';

const OPTIONS: ScoreOptions = { maxLength: 128, activation: 'identity' };
/** Texts of many lengths, some of one length, in no order. */
const TEXTS = Array.from({ length: 60 }, (_, i) => `SELECT ${'name, '.repeat((i * 7) % 23)}${i} FROM t`);

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.dispose());

const score = (texts: Parameters<typeof scoreTexts>[1], options: Partial<ScoreOptions> = {}) =>
  scoreTexts(workshop.clean, texts, { ...OPTIONS, ...options });

describe('scoring texts', () => {
  test('gives each its own score, whatever their order', async () => {
    const { logits } = await score(TEXTS);
    expect(new Set(logits).size).toBeGreaterThan(50);
    const backwards = await score(TEXTS.toReversed());
    expect(backwards.logits.toReversed()).toEqual(logits);
  });

  test('gives a text the same bits in any company of its length, and the same score alone', async () => {
    const { logits } = await score(TEXTS);
    for (const [i, text] of TEXTS.slice(0, 4).entries()) {
      expect((await score([text])).logits[0]).toBeCloseTo(logits[i]!, 5);
    }
    const half = await score(TEXTS.flatMap((text) => [text, `${text} `, text]));
    const same = TEXTS.filter((_, i) => half.logits[3 * i] === half.logits[3 * i + 2]);
    expect(same).toHaveLength(TEXTS.length);
  });

  test('computes equal texts once and counts what it did', async () => {
    const seen: ScoreProgress[] = [];
    const twice = await score([...TEXTS, ...TEXTS], { onAdvance: (progress) => seen.push(progress) });
    expect(twice.distinctTexts).toBe(TEXTS.length);
    expect(twice.logits.slice(0, TEXTS.length)).toEqual(twice.logits.slice(TEXTS.length));
    expect(seen.at(-1)).toMatchObject({ done: 2 * TEXTS.length, total: 2 * TEXTS.length, secondsLeft: 0 });
    const done = seen.map((progress) => progress.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(seen.length).toBeGreaterThan(3);
    for (const { tokensPerSecond } of seen.slice(1)) expect(tokensPerSecond).toBeGreaterThan(0);
  });

  test('takes them one by one from a function, and passes on its error', async () => {
    const streamed = await score(async (take) => TEXTS.forEach(take));
    expect(streamed.logits).toEqual((await score(TEXTS)).logits);
    await expect(
      score(async () => {
        throw new Error('the disk is gone');
      }),
    ).rejects.toThrow('the disk is gone');
  });

  test('stops within a batch when aborted, before and while it computes', async () => {
    await expect(score(TEXTS, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    const controller = new AbortController();
    let batches = 0;
    const running = score(TEXTS, {
      signal: controller.signal,
      onAdvance: () => {
        batches += 1;
        if (batches === 2) controller.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
    expect(batches).toBe(2);
  });

  test('what an interrupted run has computed is not computed again', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'hubwright-interrupted-'));
    const cache = { dir, model: 'm' };
    const controller = new AbortController();
    const stopped = score(TEXTS, {
      cache,
      signal: controller.signal,
      onAdvance: ({ done }) => {
        if (done > 20) controller.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    const { logits, cachedTexts } = await score(TEXTS, { cache });
    expect(cachedTexts).toBeGreaterThan(20);
    expect(cachedTexts).toBeLessThan(TEXTS.length);
    expect(logits).toEqual((await score(TEXTS)).logits);
    rmSync(dir, { recursive: true });
  });

  test('no text at all is no error', async () => {
    expect(await score([])).toMatchObject({ distinctTexts: 0, tokens: 0, scores: new Float64Array() });
  });
});
