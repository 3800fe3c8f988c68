import { mean, quantileSorted } from 'd3-array';
import { measureMoments, sampleStd } from './moments.ts';
import { assertPairedSeries, type Series } from './series.ts';

/** Rows of similar predictions, and what their labels are on average. */
export interface CalibrationBin {
  readonly rows: number;
  /** The bin holds predictions above `low` and up to `high`; the first bin holds `low` itself too. */
  readonly low: number;
  readonly high: number;
  readonly predictionMean: number;
  readonly labelMean: number;
  /** Standard error of `labelMean` (sample standard deviation / √rows); null for one row. */
  readonly standardError: number | null;
}

/**
 * Cuts the rows at quantiles of the predictions, linearly interpolated, as `pandas.qcut(…, duplicates="drop")` does:
 * bins of about equal size, fewer where many predictions are equal. In ascending order.
 *
 * @throws HubwrightError `INPUT_INVALID` for series of different lengths, empty, or not finite.
 */
export function binCalibration(labels: Series, predictions: Series, bins = 10): CalibrationBin[] {
  assertPairedSeries(labels, predictions);
  const sorted = Array.from(Float64Array.from(predictions).sort());
  const edges = [
    ...new Set(Array.from({ length: bins + 1 }, (_, i) => quantileSorted(sorted, i / bins) ?? Number.NaN)),
  ];
  // One prediction for all rows: a bin without width, which qcut does not make.
  if (edges.length === 1) edges.push(edges[0] ?? Number.NaN);
  const members = edges.slice(1).map((): number[] => []);
  for (const [row, prediction] of predictions.entries()) {
    const place = edges.findIndex((edge, i) => i > 0 && prediction <= edge);
    members[Math.max(0, place - 1)]?.push(row);
  }
  return members.flatMap((rows, i) => {
    if (rows.length === 0) return [];
    const moments = measureMoments(rows.map((row) => labels[row] as number));
    const std = sampleStd(moments);
    return [
      {
        rows: rows.length,
        low: edges[i] ?? Number.NaN,
        high: edges[i + 1] ?? Number.NaN,
        predictionMean: mean(rows, (row) => predictions[row]) ?? Number.NaN,
        labelMean: moments.mean,
        standardError: std === null ? null : std / Math.sqrt(rows.length),
      },
    ];
  });
}
