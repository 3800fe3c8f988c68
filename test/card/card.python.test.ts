import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fillTemplate } from '../../src/inference/template.ts';
import { PYTHON, WITHOUT_PYTHON } from '../oracle/python.ts';
import { HOSTILE_ROWS } from './hostile-rows.ts';
import { renderText, TEST_ROWS, writeSmallBundle } from './small-bundle.ts';

const TEMPLATE = 'SQL: {{sql}}\nReasoning: {{reasoning}}\nNL: {{nl}}';

/** Readers that we did not write: PyYAML, a CommonMark parser, Python's own. */
describe.skipIf(PYTHON === undefined)(`the card in Python${WITHOUT_PYTHON}`, () => {
  it('holds hostile texts unchanged in metadata and snippet, and visible in the table', async () => {
    const read = await readAsPython(writeSmallBundle({ testRows: HOSTILE_ROWS }));
    const plain = await readAsPython(writeSmallBundle({ testRows: TEST_ROWS.slice(0, HOSTILE_ROWS.length) }));
    const texts = HOSTILE_ROWS.map((row) => fillTemplate(TEMPLATE, row));
    expect(read.metadata.widget.map(({ text }: { text: string }) => text)).toEqual(texts);
    expect(read.text).toBe(texts[0]);
    expect(read.examples.map(normalise)).toEqual(texts.map(normalise));
    // What is HTML in it is the card's own: markers, and what folds.
    const sizes = /, [\d.]+&nbsp;k?B/;
    expect(read.html.map((block) => block.replace(sizes, ''))).toEqual(
      plain.html.map((block) => block.replace(sizes, '')),
    );
    expect(read.headings).toContain('Citation');
    expect(read.headings).not.toContain('Heading');
  });

  it('is not fooled by YAML 1.1: the language code of Norwegian is no boolean', async () => {
    const dir = writeSmallBundle({ config: { language: ['no', 'en'], tags: ['on', '1:30', '2024-01-01'] } });
    const { metadata } = await readAsPython(dir);
    expect(metadata.language).toEqual(['no', 'en']);
    expect(metadata.tags.slice(0, 3)).toEqual(['on', '1:30', '2024-01-01']);
    expect(metadata['model-index'][0].results[0].metrics[0].value).toBeTypeOf('number');
  });
});

interface CardAsRead {
  // biome-ignore lint/suspicious/noExplicitAny: whatever YAML holds
  readonly metadata: any;
  readonly text: string;
  readonly examples: readonly string[];
  readonly headings: readonly string[];
  readonly html: readonly string[];
}

async function readAsPython(dir: string): Promise<CardAsRead> {
  writeFileSync(join(dir, 'README.md'), await renderText(dir));
  const script = fileURLToPath(new URL('read_card.py', import.meta.url));
  return JSON.parse(execFileSync(PYTHON ?? '', [script, join(dir, 'README.md')], { encoding: 'utf8' }));
}

/** What a table cell can show: spaces run together, and what has no shape is a space. */
function normalise(text: string): string {
  return text.replace(/[\s\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu, ' ').trim();
}
