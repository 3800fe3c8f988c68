import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verify } from '../../src/verify/index.ts';
import {
  editJson,
  editText,
  failedRules,
  openWorkshop,
  verifyDamaged,
  type Workshop,
} from './bundle-fixture.ts';
import { CATALOGUE, formatDetection } from './catalogue/index.ts';
import { makeSmallRun } from './catalogue/small-run.ts';

describe('a bundle that was damaged and locked again', () => {
  let workshop: Workshop;
  beforeAll(async () => {
    workshop = await openWorkshop();
  });
  afterAll(() => workshop.dispose());

  test('undamaged, passes every rule without a finding', async () => {
    const report = await verify(workshop.copy());
    expect(report.findings).toEqual([]);
    const others = report.checks.filter(({ status }) => status !== 'pass');
    expect(others.map(({ rule, reason }) => `${rule}: ${reason}`)).toEqual([
      'signature: the bundle is not signed',
      'provenance: the bundle has no provenance.intoto.json',
      'layout-matches: the bundle has no modules.json',
      'leak-groups: no column says which rows belong together',
      'card-base-model: neither the card nor hubwright.json names a base model',
      'overfit-gap: training_results.json holds no metric of the training split',
      'onnx-variants: the bundle has no ONNX variant',
      'baseline-metrics: no --baseline was named',
    ]);
    expect(report.ok).toBe(true);
  });

  test('not locked again, any edit fails the lock', async () => {
    const dir = workshop.copy();
    editText(dir, 'README.md', (text) => `${text}\n`);
    writeFileSync(join(dir, 'notes.txt'), 'mine');
    rmSync(join(dir, 'special_tokens_map.json'));
    const report = await verify(dir);
    expect(failedRules(report)).toEqual(['lock-intact']);
    expect(report.findings.map(({ path, message }) => `${path} ${message.split(':')[0]}`)).toEqual([
      'README.md was changed',
      'notes.txt is in the bundle and not in the lock',
      'special_tokens_map.json is in the lock and not in the bundle',
    ]);
  });

  test('the report is written, holds no times and is the same each time', async () => {
    const dir = workshop.copy();
    await verify(dir);
    const first = readFileSync(join(dir, 'verification.json'), 'utf8');
    await verify(dir);
    expect(readFileSync(join(dir, 'verification.json'), 'utf8')).toBe(first);
  });

  test('an ignored rule is skipped with its reason, and without the metrics nothing is proven', async () => {
    const ignore = (rule: string) => (dir: string) =>
      editJson(dir, 'hubwright.json', (config) => {
        config.verify = { ignore: [{ rule, reason: 'checked by hand' }] };
      });
    const report = await verifyDamaged(workshop.copy(), ignore('card-numbers'));
    expect(report.checks.find(({ rule }) => rule === 'card-numbers')).toMatchObject({
      status: 'skip',
      reason: 'checked by hand',
      ignored: true,
    });
    expect(report.ok).toBe(true);
    expect((await verifyDamaged(workshop.copy(), ignore('metrics-recompute'))).ok).toBe(false);
  });

  test('warnings fail a strict run only', async () => {
    const dir = workshop.copy();
    const damage = () =>
      editJson(dir, 'test_metrics.json', (metrics) => {
        metrics.my_own_score = 0.5;
      });
    expect((await verifyDamaged(dir, damage)).ok).toBe(true);
    expect((await verify(dir, { strict: true })).ok).toBe(false);
  });
});

describe('the catalogue of damages', () => {
  let workshop: Workshop;
  beforeAll(async () => {
    const run = await makeSmallRun();
    workshop = await openWorkshop(run.dir);
    run.dispose();
  });
  afterAll(() => workshop.dispose());
  const all = Object.values(CATALOGUE).flat();

  test('is done to a bundle without a finding', async () => {
    const report = await verify(workshop.copy());
    expect(report.findings).toEqual([]);
    expect(report.ok).toBe(true);
  });

  test('is what docs/detection.md says, large, and of different damages', async () => {
    expect(all.length).toBeGreaterThanOrEqual(120);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    await expect(formatDetection()).toMatchFileSnapshot('../../docs/detection.md');
  });

  test.each(all)('$name', async ({ caughtBy, damage }) => {
    const dir = workshop.copy();
    const report = await verifyDamaged(dir, damage);
    rmSync(dir, { recursive: true });
    expect(report.findings.map(({ rule }) => rule)).toEqual(expect.arrayContaining([...caughtBy]));
    for (const { message, hint } of report.findings) {
      // What ONNX Runtime says of a graph is quoted, in its own words.
      const quotes = message.startsWith('ONNX Runtime cannot load');
      expect(`${message} ${hint}`).not.toMatch(quotes ? /undefined|\[object/ : /undefined|\[object|Error:/);
    }
  });
});
