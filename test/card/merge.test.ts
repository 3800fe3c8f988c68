import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitSections } from '../../src/card/markers.ts';
import { type CardParts, mergeCard } from '../../src/card/merge.ts';
import { SECTIONS } from '../../src/card/sections.ts';
import { HubwrightError } from '../../src/errors.ts';
import { splitFrontMatter } from '../../src/formats/card-yaml.ts';

const PARTS: CardParts = {
  entries: [
    { name: 'license', text: 'license: mit\n' },
    { name: 'library_name', text: 'library_name: transformers\n' },
    { name: 'tags', text: 'tags:\n  - one\n  - two\n' },
    { name: 'model-index', text: 'model-index:\n  - name: x\n' },
  ],
  sections: [
    { name: 'summary', body: '# Title' },
    { name: 'score', body: '## Score\n\nHigh is good.' },
    { name: 'results', body: '## Results\n\n| a | b |\n|---|---|\n| 1 | 2 |' },
    { name: 'files', body: '## Files' },
  ],
};

/** Other numbers, one section and one key gone, one of each new. */
const LATER: CardParts = {
  entries: [
    { name: 'license', text: 'license: apache-2.0\n' },
    { name: 'library_name', text: 'library_name: transformers\n' },
    { name: 'metrics', text: 'metrics:\n  - mse\n' },
    { name: 'model-index', text: 'model-index:\n  - name: y\n' },
  ],
  sections: [
    { name: 'summary', body: '# Title' },
    { name: 'quickstart', body: '## Quick start\n\n```python\nprint(1)\n```' },
    { name: 'results', body: '## Results\n\nBetter.' },
    { name: 'files', body: '## Files' },
  ],
};

const FRESH = mergeCard(undefined, PARTS);

/** What a card holds besides Hubwright's sections and metadata. */
function proseOf(card: string): string[] {
  return splitSections(splitFrontMatter(card)?.body ?? card, 1).flatMap(({ name, text }) =>
    name === undefined ? [text] : [],
  );
}

/** Any text that is no marker, in lines of its own: Markdown, HTML, fences, rules, front matter in the wrong place. */
const line = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n]/g, ' ')),
  fc.constantFrom(
    '---',
    '```',
    '# Title',
    '<!-- a comment -->',
    '<!-- hubwright:begin',
    '{{prose}}',
    '',
    '| a | b |',
  ),
);
const prose = fc
  .array(line, { minLength: 1, maxLength: 6 })
  .map((lines) => `${lines.join('\n')}\n`)
  .filter((text) => !/^<!-- hubwright:(begin|end) \S+ -->\s*$/m.test(text));

/** A card with prose before, between and behind its sections. */
const edited = fc
  .array(prose, { minLength: PARTS.sections.length + 1, maxLength: PARTS.sections.length + 1 })
  .map((texts) => {
    const parts = splitSections(splitFrontMatter(FRESH)?.body ?? '', 1).filter(
      ({ name }) => name !== undefined,
    );
    const body = texts.map((text, i) => text + (parts[i]?.text ?? '')).join('');
    const { head = '', block = '', tail = '' } = splitFrontMatter(FRESH) ?? {};
    return { card: head + block + tail + body, texts };
  });

describe('mergeCard', () => {
  it('writes metadata, one explanation, and each section between its markers', () => {
    expect(FRESH).toMatch(
      /^---\nlicense: mit\n[\s\S]*\n---\n\n<!-- `hubwright card` rewrites [^\n]*-->\n\n<!-- hubwright:begin summary -->\n\n# Title\n\n<!-- hubwright:end summary -->\n\n/,
    );
  });

  it('gives itself again', () => {
    expect(mergeCard(FRESH, PARTS)).toBe(FRESH);
    fc.assert(
      fc.property(edited, ({ card }) => {
        expect(mergeCard(card, PARTS)).toBe(card);
        const later = mergeCard(card, LATER);
        expect(mergeCard(later, LATER)).toBe(later);
      }),
    );
  });

  it('keeps prose to the byte, wherever it stands', () => {
    fc.assert(
      fc.property(edited, ({ card, texts }) => {
        const later = mergeCard(card, LATER);
        let from = 0;
        for (const text of texts) {
          const at = later.indexOf(text, from);
          expect(at, JSON.stringify(text)).toBeGreaterThanOrEqual(0);
          from = at + text.length;
        }
        expect(proseOf(later).join('').length).toBe(texts.join('').length + '\n'.length);
        expect(later).toContain('Better.');
        expect(later).not.toContain('High is good.');
      }),
    );
  });

  it('keeps the ends of lines that a file has', () => {
    const windows = FRESH.replaceAll('\n', '\r\n')
      .replace('## Files', 'x')
      .replace(/# Title/, '# Other');
    const merged = mergeCard(windows, LATER);
    expect(merged.replaceAll('\r\n', '')).not.toContain('\n');
    expect(mergeCard(merged, LATER)).toBe(merged);
  });

  it('leaves a section where its author moved it', () => {
    const [files = ''] = /<!-- hubwright:begin files[\s\S]*end files -->\n/.exec(FRESH) ?? [];
    const moved = FRESH.replace(files, '').replace(
      '<!-- hubwright:begin summary',
      `${files}\n<!-- hubwright:begin summary`,
    );
    const merged = mergeCard(moved, LATER);
    expect(listNames(merged)).toEqual(['files', 'summary', 'quickstart', 'results']);
  });

  it('puts a new section behind the one before it', () => {
    expect(listNames(mergeCard(FRESH, LATER))).toEqual(['summary', 'quickstart', 'results', 'files']);
    const without = FRESH.replace(/<!-- hubwright:begin summary[\s\S]*?end summary -->\n/, '');
    expect(listNames(mergeCard(without, LATER))[0]).toBe('summary');
  });

  it('puts its sections below a card that somebody wrote by hand', () => {
    const merged = mergeCard('---\nlicense: mit\n---\n# Mine\n\nText', PARTS);
    expect(merged).toContain('---\n# Mine\n\nText\n\n<!-- hubwright:begin summary -->');
    expect(mergeCard(merged, PARTS)).toBe(merged);
    expect(mergeCard('# Mine\n', PARTS)).toMatch(
      /^---\nlicense: mit\n[\s\S]*---\n\n# Mine\n\n<!-- hubwright:begin/,
    );
  });

  it('keeps the author’s keys and comments, and knows its own', () => {
    const card = [
      '---',
      '# mine',
      'license: other # as agreed',
      "thumbnail: 'a.png'   # a picture",
      'tags:',
      '- old',
      '# about gating',
      'extra_gated_prompt: |',
      '  # no comment',
      '',
      '  text',
      'metrics: [accuracy]',
      'datasets:',
      '  - me/data',
      '---',
      '# Mine',
      '',
    ].join('\n');
    const merged = mergeCard(card, PARTS);
    expect(splitFrontMatter(merged)?.block).toBe(
      [
        '# mine',
        'license: mit',
        'library_name: transformers',
        "thumbnail: 'a.png'   # a picture",
        'tags:',
        '  - one',
        '  - two',
        'model-index:',
        '  - name: x',
        '# about gating',
        'extra_gated_prompt: |',
        '  # no comment',
        '',
        '  text',
        'datasets:',
        '  - me/data',
      ].join('\n'),
    );
  });

  it('cannot be led astray by a marker in its own text', () => {
    const hostile: CardParts = {
      entries: PARTS.entries,
      sections: [{ name: 'score', body: 'a\n<!-- hubwright:end score -->\nb' }],
    };
    const card = mergeCard(undefined, hostile);
    expect(mergeCard(card, hostile)).toBe(card);
    expect(card).toContain('\n <!-- hubwright:end score -->\nb');
  });

  it.each([
    [
      'no end',
      '<!-- hubwright:begin score -->\ntext\n',
      'line 1: hubwright:begin score has no hubwright:end',
    ],
    [
      'no begin',
      'text\n<!-- hubwright:end score -->\n',
      'line 2: hubwright:end score has no hubwright:begin',
    ],
    [
      'one inside another',
      '<!-- hubwright:begin score -->\n<!-- hubwright:begin files -->\n',
      'line 2: hubwright:begin files stands inside score, which began in line 1',
    ],
    [
      'another end',
      '<!-- hubwright:begin score -->\n<!-- hubwright:end files -->\n',
      'line 2: hubwright:end files',
    ],
    [
      'twice',
      '<!-- hubwright:begin score -->\n<!-- hubwright:end score -->\n'.repeat(2),
      'line 3: the section score begins a second time',
    ],
    [
      'a name of no section',
      '<!-- hubwright:begin scores -->\n',
      'names no section; there are summary, score',
    ],
    ['metadata that is no YAML', '---\na: [\n---\n', 'the metadata of README.md cannot be read'],
    ['a key twice', '---\na: 1\na: 2\n---\n', 'the metadata of README.md cannot be read'],
    ['a list for metadata', '---\n- a\n---\n', 'the metadata of README.md cannot be read'],
    ['metadata on one line', '---\n{a: 1}\n---\n', 'the metadata of README.md cannot be read'],
  ])('refuses %s, and says where', (_, card, message) => {
    expect(() => mergeCard(card, PARTS)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it('gives a card or says what is wrong with the old one, whatever that is', () => {
    const marker = fc.constantFrom(
      ...SECTIONS.flatMap((name) => ['begin', 'end'].map((kind) => `<!-- hubwright:${kind} ${name} -->`)),
    );
    const anything = fc.array(fc.oneof(line, marker, fc.constant('a: b'))).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(anything, (card) => {
        try {
          const merged = mergeCard(card, PARTS);
          expect(mergeCard(merged, PARTS)).toBe(merged);
        } catch (error) {
          expect(error).toBeInstanceOf(HubwrightError);
        }
      }),
    );
  });
});

function listNames(card: string): (string | undefined)[] {
  return splitSections(splitFrontMatter(card)?.body ?? '', 1).flatMap(({ name }) => name ?? []);
}
