/**
 * A metric for people: `decimals` digits after the point, fewer for large values, scientific for tiny and huge ones,
 * `n/a` for an undefined one. The minus is ASCII, so that text searches find it.
 */
export function formatMetric(value: number | null, decimals: number): string {
  if (value === null) return 'n/a';
  const size = Math.abs(value);
  if (size !== 0 && (size < 10 ** -decimals || size >= 1e6)) return value.toExponential(2);
  const wholeDigits = size < 10 ? 0 : Math.floor(Math.log10(size));
  return value.toFixed(Math.max(0, decimals - wholeDigits));
}

/** A count with thousands separated by commas, in every locale. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The text with typographic minus signs before digits. */
export function typesetMinus(text: string): string {
  return text.replace(/-(?=\d)/g, '\u{2212}');
}
