import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeLock } from '../../src/bundle.ts';
import { verify } from '../../src/verify/index.ts';
import { RULES } from '../../src/verify/rules/index.ts';
import { openWorkshop, type Workshop } from './bundle-fixture.ts';
import { RULE_CASES } from './cases/index.ts';
import { listSaid } from './cases/rule-case.ts';

let workshop: Workshop;
const passedOnSample = new Set<string>();
beforeAll(async () => {
  workshop = await openWorkshop();
  const report = await verify(workshop.copy());
  expect(report.findings).toEqual([]);
  for (const { rule, status } of report.checks) if (status === 'pass') passedOnSample.add(rule);
});
afterAll(() => workshop.dispose());

describe('each rule on its own', () => {
  test.each(RULE_CASES)(
    '$code: $status, $name',
    async ({ code, damage, status, says, options, unlocked }) => {
      const dir = workshop.copy();
      await damage(dir);
      if (unlocked !== true) await writeLock(dir);
      const report = await verify(dir, { ...options, only: [code] });
      const said = listSaid(report);
      expect(said).toHaveLength(says.length);
      for (const [i, part] of says.entries()) expect(said[i]).toMatch(part);
      expect(report.checks.map((check) => check.status)).toEqual([status]);
      for (const { message, hint } of report.findings) {
        expect(`${message} ${hint}`).not.toMatch(/undefined|\[object|Error:/);
      }
    },
  );

  test.each(RULES)('$code has a bundle that passes it', ({ code }) => {
    const other = RULE_CASES.some((one) => one.code === code && one.status === 'pass');
    expect(passedOnSample.has(code) || other).toBe(true);
  });

  test.each(RULES)('$code has a bundle that it finds fault with', ({ code, severity }) => {
    const worst = severity === 'error' ? 'fail' : 'warn';
    expect(RULE_CASES.filter((one) => one.code === code).map(({ status }) => status)).toContain(worst);
  });

  test('every case is about a rule that there is', () => {
    const codes = RULES.map(({ code }) => code);
    expect(RULE_CASES.map(({ code }) => code).filter((code) => !codes.includes(code))).toEqual([]);
  });
});
