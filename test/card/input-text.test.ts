import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeJavaScriptText, writePythonText } from '../../src/card/input-text.ts';
import { quoteJavaScript, quotePython } from '../../src/formats/source-text.ts';
import { fillTemplate } from '../../src/inference/template.ts';
import { HOSTILE_ROWS } from './hostile-rows.ts';

const TEMPLATES = [
  'SQL: {{sql}}\nReasoning: {{reasoning}}\nNL: {{nl}}',
  '{{nl}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template may hold one
  '{a} `${b}` "{{ sql }}" \\ \\u0041 $${{nl}} {{sql}}',
];

function makeExample(template: string, cells: Readonly<Record<string, string>>) {
  return { row: 0, cells, text: fillTemplate(template, cells), label: 0, prediction: 0 };
}

function runJavaScript(lines: readonly string[]): unknown {
  return new Function(`'use strict'; ${lines.join('\n')}\nreturn text;`)();
}

describe('writeJavaScriptText', () => {
  it.each(TEMPLATES)('sets text to the input itself: %j', (template) => {
    for (const row of HOSTILE_ROWS) {
      const example = makeExample(template, row);
      expect(runJavaScript(writeJavaScriptText(template, example))).toBe(example.text);
    }
  });

  it('does so for any cells', () => {
    const [template = ''] = TEMPLATES;
    const cell = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.record({ sql: cell, reasoning: cell, nl: cell }), (row) => {
        const example = makeExample(template, row);
        expect(runJavaScript(writeJavaScriptText(template, example))).toBe(example.text);
      }),
    );
  });
});

describe('writePythonText', () => {
  it('gives each column a variable', () => {
    const template = 'SQL: {{sql}}\nNL: {{nl}}';
    expect(writePythonText(template, makeExample(template, { sql: 'SELECT "1"', nl: 'one {x}' }))).toEqual([
      'sql = "SELECT \\"1\\""',
      'nl = "one {x}"',
      'text = f"SQL: {sql}\\nNL: {nl}"',
    ]);
  });

  it.each(['{{text}}', '{{a b}}', '{{class}} {{x}}', '{{model}}'])(
    'writes one literal for %s',
    (template) => {
      const cells = { text: '1', 'a b': '1', class: '1', x: '2', model: '1' };
      const example = makeExample(template, cells);
      expect(writePythonText(template, example)).toEqual([`text = ${JSON.stringify(example.text)}`]);
      expect(writeJavaScriptText(template, example)).toEqual([
        `const text = ${JSON.stringify(example.text)};`,
      ]);
    },
  );
});

describe('quotePython and quoteJavaScript', () => {
  it('hide nothing: what does not show is escaped', () => {
    const text = 'a\u202eb\u2028c\u200bd\u{e0001}é𝔘';
    expect(quotePython(text)).toBe('"a\\u202eb\\u2028c\\u200bd\\U000e0001é𝔘"');
    expect(quoteJavaScript(text)).toBe('"a\\u202eb\\u2028c\\u200bd\\udb40\\udc01é𝔘"');
  });
});
