import type { Config } from '../config.ts';

type Preset = Config['verify']['tolerance'];

/**
 * How far a metric may lie from the one that training printed, relative to it, by the precision in which it was
 * measured. Measured: float32 on another machine moves a metric by some 1e-6; bfloat16 moves the MSE by 7e-4.
 */
const RELATIVE: Record<Preset, number> = { fp32: 1e-4, bf16: 5e-3, fp16: 5e-3 };

/** How far one row's score may lie from the recorded one: what is noise, and what is another model. */
const PER_ROW: Record<Preset, { readonly warn: number; readonly fail: number }> = {
  fp32: { warn: 1e-4, fail: 1e-3 },
  bf16: { warn: 1e-2, fail: 5e-2 },
  fp16: { warn: 2e-3, fail: 1e-2 },
};

/** The allowed |expected − actual| of a metric: the preset's share of it, or half of its last printed decimal. */
export function metricTolerance(expected: number, preset: Preset): number {
  return Math.max(RELATIVE[preset] * Math.abs(expected), halfLastDecimal(expected));
}

export function rowTolerance(preset: Preset): { readonly warn: number; readonly fail: number } {
  return PER_ROW[preset];
}

/**
 * Half a unit of the last decimal of a number as printed: 0.0203 may have been anything from 0.02025 to 0.02035.
 * A whole number is exact: counts are printed so, and a mean that happens to be whole is not rounded.
 */
export function halfLastDecimal(value: number): number {
  const text = String(Math.abs(value));
  const [mantissa = '', exponent = '0'] = text.split('e');
  const decimals = (mantissa.split('.')[1]?.length ?? 0) - Number(exponent);
  return decimals <= 0 ? 0 : 0.5 * 10 ** -decimals * (1 + 1e-9);
}
