import { formatCount } from '../plot/number-text.ts';

/** `decimals` digits after the point, for numbers that are compared down a column. Never a negative zero. */
export function formatFixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** A share of 1 in percent, with one decimal where there is one, more for tiny ones: `75 %`, `12.5 %`, `0.01 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${Number(Math.abs(percent) < 0.1 ? percent.toPrecision(1) : percent.toFixed(1))} %`;
}

/** A size in the units that the Hub uses, powers of 1000, kept on one line: `26.1 kB`, `599 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes}&nbsp;B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${formatThree(bytes / 1000 ** power)}&nbsp;${units[power - 1]}`;
}

/** Parameters of a model: `149 M`, `1.2 B`. */
export function formatParameters(count: number): string {
  if (count < 1e6) return formatCount(count);
  return count < 1e9 ? `${formatThree(count / 1e6)} M` : `${formatThree(count / 1e9)} B`;
}

/** A hyperparameter as Python would print it, small ones with an exponent. */
export function formatSetting(value: string | number | boolean): string {
  if (typeof value !== 'number') return String(value);
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
}

function formatThree(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

/** A time as people say it: `48 s`, `8 min 33 s`, `3 h 12 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${formatCount(Math.floor(whole / 3600))} h ${Math.floor((whole % 3600) / 60)} min`;
}
