import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { validateCard } from '../../src/formats/card-yaml.ts';
import { fillTemplate } from '../../src/inference/template.ts';
import { listTableExamples } from '../../src/verify/card-examples.ts';
import { listCardNumbers } from '../../src/verify/card-numbers.ts';
import { HOSTILE_ROWS } from './hostile-rows.ts';
import { renderText, TEST_ROWS, writeSmallBundle } from './small-bundle.ts';

const TEMPLATE = 'SQL: {{sql}}\nReasoning: {{reasoning}}\nNL: {{nl}}';

describe('a card whose data want to be markup', () => {
  it('has valid metadata that hold the texts unchanged', async () => {
    const card = await renderText(writeSmallBundle({ testRows: HOSTILE_ROWS }));
    expect(validateCard(card)).toEqual({ errors: [], warnings: [] });
    const [, frontMatter = ''] = /^---\n([\s\S]*?)\n---\n/.exec(card) ?? [];
    const { widget } = parse(frontMatter);
    const texts = widget.map(({ text }: { text: string }) => text);
    expect(texts).toEqual(HOSTILE_ROWS.map((row) => fillTemplate(TEMPLATE, row)));
  });

  it('has a table of examples from which the texts can be read again', async () => {
    const card = await renderText(writeSmallBundle({ testRows: HOSTILE_ROWS }));
    const { examples, showText } = await listTableExamples(card);
    expect(examples.map(({ text, label }) => ({ text, label }))).toEqual(
      HOSTILE_ROWS.map((row) => ({
        text: showText(fillTemplate(TEMPLATE, row)),
        label: Number(row.similarity_with_penalty),
      })),
    );
  });

  it('keeps its headings, its tables and its numbers', async () => {
    const plain = await renderText(writeSmallBundle({ testRows: TEST_ROWS.slice(0, HOSTILE_ROWS.length) }));
    const card = await renderText(writeSmallBundle({ testRows: HOSTILE_ROWS }));
    expect(listHeadings(card)).toEqual(listHeadings(plain));
    expect(listTableShapes(card)).toEqual(listTableShapes(plain));
    expect(listCardNumbers(card)).toHaveLength(listCardNumbers(plain).length);
    const withoutCode = readBody(card).replace(/^```[\s\S]*?^```$/gm, '');
    expect(withoutCode).toContain('&lt;script&gt;');
    expect(withoutCode).not.toMatch(/<script|^left the fence/m);
  });

  it('survives hostile names of columns, label and title', async () => {
    const names = { 'a|`b`': 'x', '<i>': 'y' };
    const testRows = HOSTILE_ROWS.map((_, i) => ({ ...names, '**l**|<u>': `0.${i + 1}` }));
    const dir = writeSmallBundle({
      testRows,
      without: ['train_set.csv', 'eval_set.csv'],
      config: {
        title: 'A | <b>title</b>\n# of *mine*',
        input: { template: '```\n{{a|`b`}} {{<i>}}', label: '**l**|<u>', maxLength: 8 },
      },
    });
    const card = await renderText(dir);
    expect(validateCard(card)).toEqual({ errors: [], warnings: [] });
    expect(card).toContain('\n# A \\| &lt;b&gt;title&lt;/b&gt; \\# of \\*mine\\*\n');
    expect(card).toContain('Reads `` a|`b` `` and `<i>` as one text and predicts `**l**|<u>`');
    expect(card).toContain('| Mean of `**l**\\|<u>` |');
    expect(card).toContain('````text\n```\n{{a|`b`}} {{<i>}}\n````');
    expect(card).toContain('text = "```\\nx y"');
  });
});

function listHeadings(card: string): string[] {
  return readBody(card).match(/^#+ .*/gm) ?? [];
}

function readBody(card: string): string {
  return card.replace(/^---\n[\s\S]*?\n---\n/, '');
}

/** Cells a row, table rows one behind the other; only a pipe without a backslash before it ends a cell. */
function listTableShapes(card: string): number[] {
  return (card.match(/^\|.*/gm) ?? []).map((row) => row.split(/(?<!\\)\|/).length);
}
