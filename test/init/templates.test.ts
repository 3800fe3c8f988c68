import { describe, expect, test } from 'vitest';
import { listTemplates } from '../../src/init/templates.ts';

describe('input templates to try', () => {
  test("begin with every column in the table's order, each behind its name, a line each", () => {
    expect(listTemplates(['sql', 'reasoning', 'nl'], [])[0]).toBe(
      'SQL: {{sql}}\nReasoning: {{reasoning}}\nNL: {{nl}}',
    );
  });

  test('hold the cell alone, and pairs joined by the separator', () => {
    expect(listTemplates(['text'], ['[SEP]'])).toContain('{{text}}');
    const pairs = listTemplates(['query', 'passage'], ['[SEP]']);
    for (const wanted of [
      '{{query}}[SEP]{{passage}}',
      '{{passage}} {{query}}',
      'Query: {{query}}\nPassage: {{passage}}',
    ]) {
      expect(pairs).toContain(wanted);
    }
  });

  test('are each there once, and not without end', () => {
    const many = listTemplates(['a', 'b', 'c', 'd', 'e', 'f', 'g'], ['</s>', '</s></s>']);
    expect(new Set(many).size).toBe(many.length);
    expect(many.length).toBe(600);
    expect(listTemplates([], [])).toEqual([]);
  });
});
