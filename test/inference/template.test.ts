import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkTemplateColumns, fillTemplate, listTemplateColumns } from '../../src/inference/template.ts';
import { catchError } from '../fixtures/caught.ts';

test.each([
  ['SQL: {{sql}}\nNL: {{nl}}', ['sql', 'nl']],
  ['{{ sql }}{{sql}}{{\tsql\n}}', ['sql']],
  ['{{a b-c}} {{é}}', ['a b-c', 'é']],
  ['no column {sql} {{}}', []],
  ['{{{sql}}}', ['sql']],
])('%j names the columns %j', (template, columns) => {
  expect(listTemplateColumns(template)).toEqual(columns);
});

test.each([
  ['{{a}}, {{ b }} and {{a}}', { a: 'x', b: 'y' }, 'x, y and x'],
  ['{{my column}}', { 'my column': 'x' }, 'x'],
  // What stands in a cell is text, whatever it looks like.
  ['{{a}}|{{b}}', { a: '{{b}}', b: '{{a}}' }, '{{b}}|{{a}}'],
  ['{{a}}', { a: "$& $1 $` $' $$" }, "$& $1 $` $' $$"],
  ['{{a}}', { a: ' two  spaces \n' }, ' two  spaces \n'],
  ['<{{a}}>', { a: '' }, '<>'],
])('%j is filled with %j', (template, cells, text) => {
  expect(fillTemplate(template, cells)).toBe(text);
});

test('any cell stands in the text exactly as it is', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(fillTemplate('A {{a}} B {{b}} C', { a, b })).toBe(`A ${a} B ${b} C`);
    }),
  );
});

test('a template whose columns are all there is taken', () => {
  expect(() => checkTemplateColumns('{{a}} {{b}}', { columns: ['c', 'b', 'a'] }, 'x.csv')).not.toThrow();
});

test('every missing column is named, beside those that are there', async () => {
  const error = await catchError(() =>
    checkTemplateColumns('{{a}} {{b}} {{c}}', { columns: ['b', 'd'] }, 'x.csv'),
  );
  expect([error.code, error.message]).toEqual([
    'INPUT_INVALID',
    'x.csv has no column a, c, which input.template names; its columns: b, d',
  ]);
});

test('a template that names no column is refused', async () => {
  const error = await catchError(() => checkTemplateColumns('{sql}', { columns: ['sql'] }, 'x.csv'));
  expect([error.code, error.message]).toEqual(['CONFIG', 'input.template names no column: "{sql}"']);
});
