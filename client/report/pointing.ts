import { find, make } from '../dom.ts';
import { showDetail } from './detail.ts';
import type { Plot } from './plot.ts';
import { formatError, formatScore, type Row } from './rows.ts';

const PAGE_STEP = 20;
const KEYS: Readonly<Record<string, readonly [axis: 'x' | 'y', step: number]>> = {
  ArrowRight: ['x', 1],
  ArrowLeft: ['x', -1],
  ArrowUp: ['y', 1],
  ArrowDown: ['y', -1],
  PageUp: ['y', PAGE_STEP],
  PageDown: ['y', -PAGE_STEP],
  Home: ['x', Number.NEGATIVE_INFINITY],
  End: ['x', Number.POSITIVE_INFINITY],
};

/** Which row is pointed at, by pointer or by keyboard, and which one is kept by a click or by Enter. */
export class Pointing {
  readonly #plot: Plot;
  readonly #host = find('#plot', HTMLElement);
  readonly #tip = find('#tip', HTMLElement);
  #pointed: Row | undefined;
  #kept: Row | undefined;

  constructor(plot: Plot) {
    this.#plot = plot;
    this.#host.addEventListener('pointermove', (event) => this.#point(this.#rowUnder(event)));
    this.#host.addEventListener('pointerleave', () => this.#point(undefined));
    this.#host.addEventListener('click', (event) => this.keep(this.#rowUnder(event)));
    this.#host.addEventListener('keydown', (event) => this.#press(event));
    this.#host.addEventListener('blur', () => this.#point(undefined));
  }

  /** Shows a row in full until another is kept. */
  keep(row: Row | undefined): void {
    this.#kept = row;
    showDetail(row, true);
    this.#mark();
  }

  #rowUnder(event: MouseEvent): Row | undefined {
    const { left, top } = this.#host.getBoundingClientRect();
    return this.#plot.rowAt(
      event.clientX - left - this.#host.clientLeft,
      event.clientY - top - this.#host.clientTop,
    );
  }

  #press(event: KeyboardEvent): void {
    const move = KEYS[event.key];
    if (move !== undefined) {
      this.#point(this.#plot.neighbour(this.#pointed ?? this.#kept, ...move));
      if (this.#kept === undefined) showDetail(this.#pointed, false);
    } else if (event.key === 'Enter' || event.key === ' ') this.keep(this.#pointed);
    else if (event.key === 'Escape') {
      this.keep(undefined);
      this.#point(undefined);
    } else return;
    event.preventDefault();
  }

  #point(row: Row | undefined): void {
    if (row === this.#pointed) return;
    this.#pointed = row;
    if (this.#kept === undefined) showDetail(row, false);
    this.#mark();
    this.#showTip(row);
  }

  #mark(): void {
    this.#plot.mark([this.#pointed, this.#kept].filter((row) => row !== undefined));
  }

  #showTip(row: Row | undefined): void {
    const place = row && this.#plot.placeOf(row);
    this.#tip.hidden = place === undefined;
    if (row === undefined || place === undefined) return;
    this.#tip.replaceChildren(
      make('strong', `Row ${row.number}`),
      make('span', `true ${formatScore(row.label)} · predicted ${formatScore(row.prediction)}`),
      make('span', `error ${formatError(row.error)}`),
      ...(row.text === '' ? [] : [make('span', row.text.slice(0, 140), 'snippet')]),
    );
    const width = this.#host.clientWidth;
    const [left, top] = [place.x, place.y];
    const [ownWidth, ownHeight] = [this.#tip.offsetWidth, this.#tip.offsetHeight];
    const x = left + 14 + ownWidth <= width ? left + 14 : Math.max(4, left - 14 - ownWidth);
    const y = Math.max(4, Math.min(this.#host.clientHeight - ownHeight - 4, top - ownHeight / 2));
    this.#tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }
}
