import type { VariantComparison } from '../verification.ts';
import { formatTable } from './table.ts';

/** What each ONNX variant loses against model.onnx, a line each; nothing where there is none. */
export function formatVariants(variants: readonly VariantComparison[] = []): string[] {
  if (variants.length === 0) return [];
  const header = ['', 'variant', 'R²', 'at least', 'largest |Δ|', 'at most', 'mse'];
  const rows = variants.map(({ variant, r2, minR2, maxDifference, maxAllowed, metrics, status }) => {
    const mse = metrics.find(({ metric }) => metric === 'mse');
    return [
      status === 'pass' ? '✔' : '✖',
      variant,
      formatNumber(r2, 7),
      String(minR2),
      formatNumber(maxDifference, 3),
      formatNumber(maxAllowed, 3),
      formatChange(mse?.model, mse?.variant),
    ];
  });
  return ['', ...formatTable([header, ...rows], new Set([2, 3, 4, 5]))];
}

function formatNumber(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? 'no value' : String(Number(value.toPrecision(digits)));
}

/** A metric of the variant, and by how many percent of model.onnx's it is greater. */
function formatChange(model: number | null | undefined, variant: number | null | undefined): string {
  const text = formatNumber(variant, 5);
  if (typeof model !== 'number' || typeof variant !== 'number' || model === 0) return text;
  const percent = (100 * (variant - model)) / Math.abs(model);
  return `${text} (${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(2)} %)`;
}
