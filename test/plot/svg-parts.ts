type Place = readonly [x: number, y: number];

/** Where a standalone picture drew its rows, and what its own axes say that the places mean. */
export interface DrawnScatter {
  readonly circles: readonly Place[];
  /** From a place on the page to (label, prediction), read off the grid lines and their tick labels. */
  readonly readPlace: (place: Place) => Place;
}

export function readScatter(svg: string): DrawnScatter {
  const places = [...takeGroup(svg, 'points').matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
  const grid = svg.match(/<path class="grid" d="([^"]+)"/)?.[1] ?? '';
  const columns = [...grid.matchAll(/M([\d.]+),[\d.]+v/g)].map(([, x]) => Number(x));
  const rows = [...grid.matchAll(/M[\d.]+,([\d.]+)h/g)].map(([, y]) => Number(y));
  const toLabel = invertScale(columns, readTicks(svg, 'x-axis'));
  const toPrediction = invertScale(rows, readTicks(svg, 'y-axis'));
  return {
    circles: places.map(([, x, y]) => [Number(x), Number(y)]),
    readPlace: ([x, y]) => [toLabel(x), toPrediction(y)],
  };
}

export function takeGroup(svg: string, name: string): string {
  return svg.match(new RegExp(`<g class="${name}"[^>]*>(.*?)</g>`, 's'))?.[1] ?? '';
}

/** The vertices of a path of straight lines with absolute coordinates. */
export function takeVertices(svg: string, name: string): Place[] {
  const d = svg.match(new RegExp(`<path class="${name}" d="([^"]+)"`))?.[1] ?? '';
  return [...d.matchAll(/[ML]([\d.]+),([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
}

/** The bars of a histogram in order. */
export function takeBars(svg: string, name: string): { x: number; y: number; w: number; h: number }[] {
  const d = svg.match(new RegExp(`<path class="${name}" d="([^"]*)"`))?.[1] ?? '';
  return [...d.matchAll(/M([\d.]+),([\d.]+)h([\d.]+)v([\d.]+)/g)].map(([, ...bar]) => {
    const [x = 0, y = 0, w = 0, h = 0] = bar.map(Number);
    return { x, y, w, h };
  });
}

export function takeTexts(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);
}

function readTicks(svg: string, axis: string): number[] {
  return takeTexts(takeGroup(svg, axis)).map((text) =>
    Number(text.replace('\u{2212}', '-').replaceAll(',', '')),
  );
}

function invertScale(places: readonly number[], values: readonly number[]): (place: number) => number {
  const [from, to] = [places[0] ?? Number.NaN, places.at(-1) ?? Number.NaN];
  const [low, high] = [values[0] ?? Number.NaN, values.at(-1) ?? Number.NaN];
  if (places.length !== values.length) throw new Error(`${places.length} lines, ${values.length} labels`);
  return (place) => low + ((place - from) * (high - low)) / (to - from);
}
