import { findSection } from '../card/markers.ts';

/** A row of the card's table of examples. */
export interface ExampleRow {
  /** In the card, counted from 1. */
  readonly line: number;
  readonly text: string;
  /** As the card prints them. */
  readonly label: string;
  readonly score: string;
}

/** What `templates/card/score.hbs` writes above its table. */
const HEADER = ['Input', 'True', 'Predicted'];

/** The table of examples in the section that Hubwright writes; a table anywhere else is the author's own. */
export async function listExampleRows(card: string): Promise<ExampleRow[]> {
  const section = findSection(card, 'score');
  if (section === undefined) return [];
  const { children } = await parseMarkdown(section.text);
  return children.flatMap((node) => {
    if (node.type !== 'table') return [];
    const [header = [], ...rows] = node.children.map((row) => row.children.map(readCell));
    if (header.join('|') !== HEADER.join('|')) return [];
    return rows.map(([text = '', label = '', score = ''], i) => {
      const line = section.line - 1 + (node.children[i + 1]?.position?.start.line ?? 1);
      return { line, text, label, score };
    });
  });
}

/** The parser is loaded by who has a card to read. */
async function parseMarkdown(text: string) {
  const [{ unified }, { default: remarkParse }, { default: remarkGfm }] = await Promise.all([
    import('unified'),
    import('remark-parse'),
    import('remark-gfm'),
  ]);
  return unified().use(remarkParse).use(remarkGfm).parse(text);
}

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly Node[];
}

/** What a cell shows: `<br>`, the one tag that Hubwright writes there, ends a line. */
function readCell({ type, value = '', children = [] }: Node): string {
  if (type === 'html') return /^<br\b/i.test(value) ? '\n' : '';
  return children.length > 0 ? children.map(readCell).join('') : value;
}
