import { find, make } from '../dom.ts';
import { formatError, formatScore, type Row } from './rows.ts';

const STEP = 25;
/** Of a text, what three lines can show; the style sheet cuts it to them. */
const SNIPPET = 400;

const ORDERS: Readonly<Record<string, (a: Row, b: Row) => number>> = {
  worst: (a, b) => Math.abs(b.error) - Math.abs(a.error),
  over: (a, b) => b.error - a.error,
  under: (a, b) => a.error - b.error,
  best: (a, b) => Math.abs(a.error) - Math.abs(b.error),
  high: (a, b) => b.prediction - a.prediction,
  low: (a, b) => a.prediction - b.prediction,
  file: (a, b) => a.number - b.number,
};

/** The rows as a table, some at a time, in an order of choice. */
export class RowList {
  readonly #body = find('#list', HTMLElement);
  readonly #more = find('#more', HTMLButtonElement);
  readonly #order = find('#order', HTMLSelectElement);
  readonly #onPick: (row: Row) => void;
  #rows: readonly Row[] = [];
  #ordered: readonly Row[] = [];
  #shown = 0;

  constructor(onPick: (row: Row) => void) {
    this.#onPick = onPick;
    this.#order.addEventListener('change', () => this.show(this.#rows));
    this.#more.addEventListener('click', () => this.#extend());
  }

  show(rows: readonly Row[]): void {
    this.#rows = rows;
    const compare = ORDERS[this.#order.value];
    this.#ordered = compare === undefined ? rows : rows.toSorted(compare);
    this.#shown = 0;
    this.#body.replaceChildren();
    this.#extend();
  }

  #extend(): void {
    const next = this.#ordered.slice(this.#shown, this.#shown + STEP);
    this.#body.append(...next.map((row) => this.#renderRow(row)));
    this.#shown += next.length;
    const left = this.#ordered.length - this.#shown;
    this.#more.hidden = left === 0;
    this.#more.textContent = `Show ${Math.min(STEP, left)} more of ${left.toLocaleString('en-US')}`;
  }

  #renderRow(row: Row): HTMLElement {
    const line = make('tr');
    const button = make('button', String(row.number), 'pick');
    button.type = 'button';
    button.setAttribute('aria-label', `show row ${row.number} in full`);
    button.addEventListener('click', () => this.#onPick(row));
    const first = make('td', '', 'number');
    first.append(button);
    const numbers = [
      ['true', formatScore(row.label)],
      ['predicted', formatScore(row.prediction)],
      ['error', formatError(row.error)],
    ].map(([name, text]) => {
      const cell = make('td', text, 'number');
      // On a narrow screen the head is gone and each number says itself what it is.
      cell.dataset.name = name;
      return cell;
    });
    const input = make('td', '', 'input');
    input.append(make('span', row.text.slice(0, SNIPPET)));
    line.append(first, ...numbers, input);
    return line;
  }
}
