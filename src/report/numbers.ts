/** Ten significant digits show every difference that a tolerance can be about. */
export function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(10)));
}

export function formatDifference(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  return value.toExponential(1);
}

/** The share of a tolerance that was used up, in percent: a near miss is seen before it is a miss. */
export function formatShare(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return '';
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '<0.1%';
  if (percent > 999) return '>999%';
  return `${percent >= 10 ? Math.round(percent) : Number(percent.toFixed(1))}%`;
}
