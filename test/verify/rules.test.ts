import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RULES } from '../../src/verify/rules/index.ts';
import { MUTATIONS } from './mutations.ts';

const ROOT = join(import.meta.dirname, '../..');
const codes = RULES.map(({ code }) => code);

describe('the rules', () => {
  test('each has a file of its name', () => {
    const files = readdirSync(join(ROOT, 'src/verify/rules')).map((file) => file.replace('.ts', ''));
    expect(files.sort()).toEqual([...codes, 'index'].sort());
  });

  test('each has a section in the docs, in order', () => {
    const docs = readFileSync(join(ROOT, 'docs/rules.md'), 'utf8');
    expect([...docs.matchAll(/^## (.+)$/gm)].map((match) => match[1])).toEqual(codes);
  });

  test('each catches some damage', () => {
    const caught = new Set(MUTATIONS.flatMap(([, rules]) => rules));
    // The lock has a test of its own: the mutations lock their damage again.
    expect(codes.filter((code) => !caught.has(code))).toEqual(['lock-intact']);
  });

  test('each needs only rules that run before it', () => {
    for (const [i, { needs = [] }] of RULES.entries()) {
      for (const code of needs) expect(codes.slice(0, i)).toContain(code);
    }
  });
});
