import { tickStep, ticks } from 'd3-array';

/** Places of values along one side of the plot, in pixels, with room for a point at the very limit. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly place: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

const PADDING = 0.025;

export function makeScale([low, high]: readonly [number, number], from: number, to: number): Scale {
  const padding = (high - low) * PADDING;
  const unit = (to - from) / (high - low + 2 * padding);
  const count = Math.max(2, Math.min(6, Math.floor(Math.abs(to - from) / 60)));
  const decimals = Math.max(0, -Math.floor(Math.log10(tickStep(low, high, count)) + 1e-9));
  const write = (value: number) =>
    Math.abs(value) >= 1e5 || decimals > 6 ? value.toExponential(1) : value.toFixed(decimals);
  return {
    low,
    high,
    place: (value) => from + (value - low + padding) * unit,
    ticks: ticks(low, high, count).map((value) => ({ value, text: write(value).replace('-', '−') })),
  };
}

/** Limits that hold all values: [0, 1] where that does, else as far as they go. */
export function spanScores(values: Iterable<number>): [number, number] {
  const [low, high] = span(values);
  if (low >= 0 && high <= 1) return [0, 1];
  return high > low ? [low, high] : [low - 1, high + 1];
}

/** Limits as far below zero as above it. */
export function spanErrors(values: Iterable<number>): [number, number] {
  const [low, high] = span(values);
  const most = Math.max(-low, high);
  return most > 0 ? [-most, most] : [-1, 1];
}

function span(values: Iterable<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}
