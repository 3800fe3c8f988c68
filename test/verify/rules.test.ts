import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatCatalogue } from '../../src/verify/catalogue.ts';
import { docsOf, GROUPS } from '../../src/verify/rule.ts';
import { RULES } from '../../src/verify/rules/index.ts';
import { listIgnored, selectRules } from '../../src/verify/selection.ts';
import { catchError } from '../fixtures/caught.ts';

const ROOT = join(import.meta.dirname, '../..');
const codes = RULES.map(({ code }) => code);
const docs = readFileSync(join(ROOT, 'docs/rules.md'), 'utf8');

describe('the rules', () => {
  test('each has a file of its name', () => {
    const files = readdirSync(join(ROOT, 'src/verify/rules')).map((file) => file.replace('.ts', ''));
    expect(files.sort()).toEqual([...codes, 'index'].sort());
  });

  test('docs/rules.md is what the registry says: npm run generate', () => {
    expect(docs).toBe(formatCatalogue());
  });

  test.each(RULES)('$code has the section that it names', (rule) => {
    const [file, anchor] = docsOf(rule).split('#');
    expect(file).toBe('docs/rules.md');
    expect([...docs.matchAll(/^### (.+)$/gm)].map((match) => match[1])).toContain(anchor);
  });

  test('come group by group, and each needs only rules that run before it', () => {
    const groups = Object.keys(GROUPS);
    const order = RULES.map(({ group }) => groups.indexOf(group));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    for (const [i, { needs = [] }] of RULES.entries()) {
      for (const code of needs) expect(codes.slice(0, i)).toContain(code);
    }
  });

  test('that need no inference need no rule that does', () => {
    const cheap = new Set(RULES.filter((rule) => rule.cheap).map(({ code }) => code));
    for (const rule of RULES.filter((one) => one.cheap)) {
      for (const code of rule.needs ?? []) expect(cheap).toContain(code);
    }
  });

  test('no rule has the name of a group', () => {
    expect(codes.filter((code) => code in GROUPS)).toEqual([]);
  });
});

describe('the choice of rules', () => {
  const names = (options: Parameters<typeof selectRules>[1]) =>
    selectRules(RULES, options).map(({ code }) => code);

  test('is all of them, some, a group, or the cheap ones, in their own order', () => {
    expect(names({})).toEqual(codes);
    expect(names({ only: ['card-numbers', 'lock-intact'] })).toEqual(['lock-intact', 'card-numbers']);
    expect(names({ only: ['weights'] })).toEqual(
      RULES.filter(({ group }) => group === 'weights').map(({ code }) => code),
    );
    expect(names({ cheap: true })).not.toContain('metrics-recompute');
    expect(names({ cheap: true, only: ['lock-intact', 'metrics-recompute'] })).toEqual(['lock-intact']);
  });

  test('knows a slip of the hand, and refuses to check nothing', async () => {
    expect(await catchError(() => names({ only: ['lock-intakt'] }))).toMatchObject({
      code: 'USAGE',
      message: 'there is no rule "lock-intakt"; did you mean lock-intact?',
      hint: 'list them: hubwright rules',
    });
    expect(await catchError(() => names({ only: ['quite something else'] }))).toMatchObject({
      message: 'there is no rule "quite something else"',
    });
    expect(await catchError(() => names({ only: ['metrics-recompute'], cheap: true }))).toMatchObject({
      code: 'USAGE',
      message: 'no rule is left to check: those that are named need inference',
    });
  });

  test('of rules to ignore wants a known rule and a reason, and the caller goes before the config', async () => {
    const one = (reason: string, rule = 'card-numbers') => [{ rule, reason }];
    expect(Object.fromEntries(listIgnored(RULES, one('config'), one('flag')))).toEqual({
      'card-numbers': 'flag',
    });
    expect(await catchError(() => listIgnored(RULES, one('x', 'card-number')))).toMatchObject({
      code: 'CONFIG',
      message: 'verify.ignore in hubwright.json: there is no rule "card-number"; did you mean card-numbers?',
    });
    expect(await catchError(() => listIgnored(RULES, [], one(' ')))).toMatchObject({
      code: 'USAGE',
      hint: 'say why, for the readers of the report: --ignore card-numbers="the reason"',
    });
  });
});
