import { type Quadtree, quadtree } from 'd3-quadtree';
import { find, onceAFrame } from '../dom.ts';
import {
  type Colours,
  type Geometry,
  layOut,
  paintAxes,
  paintIdeal,
  paintRing,
  prepareCanvas,
  readColours,
} from './plot-paint.ts';
import type { Row, Rows } from './rows.ts';
import { makeScale, type Scale, spanErrors, spanScores } from './scale.ts';

export type View = 'scores' | 'errors';

/** How near in pixels a pointer must be to a point to mean it. */
const REACH = 28;
/** Above this a row is a mark of two or three pixels. */
const MANY_ROWS = 5_000;

interface Place {
  readonly row: Row;
  readonly x: number;
  readonly y: number;
}

/** The scatter: points on one canvas, what is pointed at on another, so that hovering never draws the points again. */
export class Plot {
  readonly #data: Rows;
  readonly #host = find('#plot', HTMLElement);
  readonly #points = find('#points', HTMLCanvasElement);
  readonly #overlay = find('#overlay', HTMLCanvasElement);
  #view: View = 'scores';
  #shown: ReadonlySet<Row>;
  #marked: readonly Row[] = [];
  #places: readonly Place[] = [];
  #placeOf: ReadonlyMap<Row, Place> = new Map();
  #orders: { x?: readonly Place[]; y?: readonly Place[] } = {};
  #index: Quadtree<Place> = quadtree();
  #geometry: Geometry = layOut(0, 0);
  #colours: Colours = readColours();
  readonly #redraw = onceAFrame(() => this.#draw());
  readonly #remark = onceAFrame(() => this.#drawMarks());

  constructor(data: Rows) {
    this.#data = data;
    this.#shown = new Set(data.rows);
    new ResizeObserver(this.#redraw).observe(this.#host);
  }

  /** Draws these rows; all others stay as a faint ground. */
  show(rows: ReadonlySet<Row>, view: View): void {
    this.#shown = rows;
    this.#view = view;
    this.#redraw();
  }

  /** Rings around rows: the one pointed at, and the one kept. */
  mark(rows: readonly Row[]): void {
    this.#marked = rows;
    this.#remark();
  }

  refreshColours(): void {
    this.#colours = readColours();
    this.#redraw();
  }

  /** The shown row nearest to a place on the plot, if one is near. */
  rowAt(x: number, y: number): Row | undefined {
    return this.#index.find(x, y, REACH)?.row;
  }

  placeOf(row: Row): Place | undefined {
    return this.#placeOf.get(row);
  }

  /** The shown row that comes next along an axis; the first one from nowhere. */
  neighbour(row: Row | undefined, axis: 'x' | 'y', step: number): Row | undefined {
    this.#orders[axis] ??= this.#order(axis);
    const ordered = this.#orders[axis];
    if (ordered.length === 0) return undefined;
    const at = ordered.findIndex((place) => place.row === row);
    const next = at < 0 ? (step > 0 ? 0 : ordered.length - 1) : at + step;
    return ordered[Math.max(0, Math.min(ordered.length - 1, next))]?.row;
  }

  #order(axis: 'x' | 'y'): readonly Place[] {
    const across = axis === 'x' ? 'y' : 'x';
    const sign = axis === 'x' ? 1 : -1;
    return this.#places
      .filter(({ row }) => this.#shown.has(row))
      .sort((a, b) => sign * (a[axis] - b[axis]) || a[across] - b[across] || a.row.number - b.row.number);
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#host;
    if (width === 0) return;
    this.#geometry = layOut(width, height);
    const { left, right, top, bottom } = this.#geometry;
    const [x, y] = this.#makeScales(left, right, top, bottom);
    const [valueX, valueY] = READERS[this.#view];
    this.#places = this.#data.rows.map((row) => ({ row, x: x.place(valueX(row)), y: y.place(valueY(row)) }));
    this.#placeOf = new Map(this.#places.map((place) => [place.row, place]));
    this.#orders = {};
    this.#index = quadtree(
      this.#places.filter(({ row }) => this.#shown.has(row)),
      (place) => place.x,
      (place) => place.y,
    );
    const context = prepareCanvas(this.#points, this.#geometry);
    const names = {
      x: this.#view === 'scores' ? `true ${this.#data.labelName}` : 'predicted score',
      y: this.#view === 'scores' ? 'predicted score' : 'error: predicted − true',
    };
    paintAxes(context, this.#geometry, x, y, names, this.#colours);
    this.#paintPoints(context);
    const ideal = this.#view === 'scores' ? ([y.low, y.high] as const) : ([0, 0] as const);
    paintIdeal(
      context,
      [x.place(x.low), y.place(ideal[0])],
      [x.place(x.high), y.place(ideal[1])],
      this.#colours,
    );
    this.#drawMarks();
  }

  #makeScales(left: number, right: number, top: number, bottom: number): [Scale, Scale] {
    const { rows } = this.#data;
    if (this.#view === 'scores') {
      const range = spanScores(rows.flatMap(({ label, prediction }) => [label, prediction]));
      return [makeScale(range, left, right), makeScale(range, bottom, top)];
    }
    return [
      makeScale(spanScores(rows.map(({ prediction }) => prediction)), left, right),
      makeScale(spanErrors(rows.map(({ error }) => error)), bottom, top),
    ];
  }

  #paintPoints(context: CanvasRenderingContext2D): void {
    const count = this.#shown.size;
    const radius = this.#places.length > MANY_ROWS ? 2 : count <= 500 ? 4 : 3;
    const paint = (places: readonly Place[], colour: string, opacity: number) => {
      context.fillStyle = colour;
      context.globalAlpha = opacity;
      for (const { x, y } of places) {
        // So small, a square looks like a disc, and is drawn several times quicker.
        if (radius <= 2) context.fillRect(x - 1.6, y - 1.6, 3.2, 3.2);
        else {
          context.beginPath();
          context.arc(x, y, radius, 0, 2 * Math.PI);
          context.fill();
        }
      }
      context.globalAlpha = 1;
    };
    const hidden = this.#places.filter(({ row }) => !this.#shown.has(row));
    paint(hidden, this.#colours.faint, hidden.length <= 5000 ? 0.5 : 0.2);
    const shown = this.#places.filter(({ row }) => this.#shown.has(row));
    paint(
      shown,
      this.#colours.point,
      count <= 100 ? 0.85 : count <= 1000 ? 0.6 : count <= 5000 ? 0.45 : 0.22,
    );
  }

  #drawMarks(): void {
    if (this.#geometry.width === 0) return;
    const context = prepareCanvas(this.#overlay, this.#geometry);
    for (const [i, row] of this.#marked.entries()) {
      const place = this.placeOf(row);
      if (place !== undefined) paintRing(context, [place.x, place.y], 7 + 2 * i, this.#colours.mark);
    }
  }
}

const READERS: Record<View, readonly [(row: Row) => number, (row: Row) => number]> = {
  scores: [({ label }) => label, ({ prediction }) => prediction],
  errors: [({ prediction }) => prediction, ({ error }) => error],
};
