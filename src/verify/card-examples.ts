import { EXAMPLE_TITLES } from '../card/examples.ts';
import { isRecord, readCardData } from '../formats/card-yaml.ts';

/** A row of the test split as the card's widget shows it. */
export interface CardExample {
  readonly title: string;
  /** Its place among the examples of `card_facts.json`, counted from 0. */
  readonly place: number;
  readonly text: string;
  /** Undefined where the card shows none. */
  readonly score: number | undefined;
}

/** The examples of a card that Hubwright chose, by their titles; any other in the widget is the author's own. */
export function listCardExamples(card: string): CardExample[] {
  const widget = readCardData(card)?.widget;
  const items: unknown[] = Array.isArray(widget) ? widget : [];
  return Object.values(EXAMPLE_TITLES).flatMap((title, place) =>
    items
      .filter((item) => isRecord(item))
      .filter(({ example_title }) => example_title === title)
      .map(({ text, output }) => ({ title, place, text: String(text), score: readScore(output) })),
  );
}

/** The one output of a model with one label. A card is written by hand: anything may stand there. */
function readScore(output: unknown): number | undefined {
  const [first] = Array.isArray(output) ? (output as unknown[]) : [];
  return isRecord(first) && typeof first.score === 'number' ? first.score : undefined;
}
