import { DECIMALS, EXAMPLE_TITLES } from '../card/examples.ts';
import { listCellLines } from '../card/markdown.ts';
import { findSection } from '../card/markers.ts';
import { listSnippets } from '../card/snippets.ts';
import { isRecord, readCardData } from '../formats/card-yaml.ts';
import { listExampleRows } from './example-table.ts';

/** A row of the test split as the card shows it. */
export interface CardExample {
  /** In a message. */
  readonly name: string;
  readonly text: string;
  /** Undefined where the card shows none. */
  readonly score: number | undefined;
  /** The true score, where the card shows it. */
  readonly label?: number;
  /** Its place among the examples of `card_facts.json`, counted from 0, where it has to be the one that stands there. */
  readonly place?: number;
  /** Line of the card, counted from 1, where that is known. */
  readonly line?: number;
}

/** A place of the card that shows examples. */
export interface ExamplePlace {
  readonly examples: readonly CardExample[];
  /** How a text of the test split reads there. */
  readonly showText: (text: string) => string;
  /** How far off a score may be that is printed there. */
  readonly precision: number;
}

/** The examples of a card's widget that Hubwright chose, by their titles; any other there is the author's own. */
export function listWidgetExamples(card: string): ExamplePlace {
  const widget = readCardData(card)?.widget;
  const items: unknown[] = Array.isArray(widget) ? widget : [];
  const examples = Object.values(EXAMPLE_TITLES).flatMap((title, place) =>
    items
      .filter((item) => isRecord(item))
      .filter(({ example_title }) => example_title === title)
      .map(({ text, output }) => ({
        name: `the example "${title}"`,
        text: String(text),
        score: readScore(output),
        place,
      })),
  );
  return { examples, showText: (text) => text, precision: 0 };
}

/** The one output of a model with one label. A card is written by hand: anything may stand there. */
function readScore(output: unknown): number | undefined {
  const [first] = Array.isArray(output) ? (output as unknown[]) : [];
  return isRecord(first) && typeof first.score === 'number' ? first.score : undefined;
}

/** The examples of the card's table, which shows of a text what a cell can, and rounds. */
export async function listTableExamples(card: string): Promise<ExamplePlace> {
  const showText = (text: string) => listCellLines(text).join('\n');
  const rows = await listExampleRows(card);
  const examples = rows.map(({ line, text, label, score }, i) => ({
    name: `example ${i + 1} of the table`,
    text: showText(text),
    score: readNumber(score),
    label: readNumber(label),
    line,
  }));
  return { examples, showText, precision: 0.5 * 10 ** -DECIMALS };
}

/** What the card's code says that it prints: the score of the table's first row, or those of several from there on. */
export function listPrintedExamples(card: string, table: ExamplePlace): ExamplePlace {
  const section = findSection(card, 'quickstart');
  if (section === undefined) return { ...table, examples: [] };
  const snippets = ['python', 'js'].flatMap((language) => listSnippets(section.text, language));
  const examples = snippets.flatMap(({ expected, line }) =>
    expected.split(' ').flatMap((score, i) => {
      const row = table.examples[i];
      if (row === undefined) return [];
      return [{ name: row.name, text: row.text, score: Number(score), line: section.line - 1 + line }];
    }),
  );
  return { ...table, examples };
}

/** NaN for what is no number, an empty cell too. */
function readNumber(text: string): number {
  return text === '' ? Number.NaN : Number(text);
}
