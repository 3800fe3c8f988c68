import type { Config } from '../config.ts';
import type { JsonObject } from '../formats/json.ts';
import type { MetricEntry } from '../metrics/entries.ts';

type Named = Config['verify']['tolerance'];
/** A precision in which metrics were measured. */
export type Preset = Exclude<Named, 'auto'>;

/** How exactly the metrics of a bundle must come out, and why so. */
export interface Tolerance {
  readonly preset: Preset;
  /** Where the preset comes from, as part of a sentence. */
  readonly why: string;
  /** Absolute tolerances by key of test_metrics.json or by metric, which go before the preset. */
  readonly overrides: Readonly<Record<string, number>>;
}

/**
 * How far a metric may lie from the one that training printed, relative to it. Measured: float32 on another machine
 * moves a metric by some 1e-6; bfloat16 moves the MSE by 7e-4; TF32 has bfloat16's range with float16's 10 bits of
 * mantissa. For int8 the gate of MLPerf inference: 99 % of the reference.
 */
const RELATIVE: Record<Preset, number> = {
  exact: 0,
  fp32: 1e-4,
  tf32: 1e-3,
  bf16: 5e-3,
  fp16: 5e-3,
  int8: 1e-2,
};

/** How far one row's score may lie from the recorded one: what is noise, and what is another model. */
const PER_ROW: Record<Preset, { readonly warn: number; readonly fail: number }> = {
  // A sigmoid computed in float32 and one in float64 differ by one unit of float32.
  exact: { warn: 1.2e-7, fail: 1.2e-7 },
  fp32: { warn: 1e-4, fail: 1e-3 },
  tf32: { warn: 1e-3, fail: 5e-3 },
  bf16: { warn: 1e-2, fail: 5e-2 },
  fp16: { warn: 2e-3, fail: 1e-2 },
  int8: { warn: 5e-2, fail: 1.5e-1 },
};

/**
 * The tolerance that a config asks for. With `auto` it is that of the precision in which Trainer evaluated, as
 * `training_args.json` tells: autocast and full-eval flags, and TF32, which only a GPU has.
 */
export function chooseTolerance({ verify }: Config, args: JsonObject | undefined): Tolerance {
  const overrides = verify.tolerances;
  if (verify.tolerance !== 'auto')
    return { preset: verify.tolerance, why: 'verify.tolerance says so', overrides };
  const flags: readonly (readonly [string, Preset])[] = [
    ['bf16', 'bf16'],
    ['bf16_full_eval', 'bf16'],
    ['fp16', 'fp16'],
    ['fp16_full_eval', 'fp16'],
    ['tf32', 'tf32'],
  ];
  const found = flags.find(([flag]) => args?.[flag] === true && !(flag === 'tf32' && args?.use_cpu === true));
  if (found === undefined)
    return { preset: 'fp32', why: 'training_args.json names no lower precision', overrides };
  return { preset: found[1], why: `training_args.json says ${found[0]}`, overrides };
}

/** The share of a metric's value that it may be off by, whatever its digits. */
export function relativeTolerance({ preset }: Tolerance): number {
  return RELATIVE[preset];
}

/** The allowed |expected − actual| of a metric: the preset's share of it, or half of its last printed decimal. */
export function metricTolerance(
  { key, metric, value }: MetricEntry,
  { preset, overrides }: Tolerance,
): number {
  const override = overrides[key] ?? (metric === undefined ? undefined : overrides[metric]);
  return override ?? Math.max(RELATIVE[preset] * Math.abs(value), roundingOf(value));
}

export function rowTolerance({ preset }: Tolerance): { readonly warn: number; readonly fail: number } {
  return PER_ROW[preset];
}

/**
 * How far a number may be off by the way it was printed: half a unit of its last decimal, and for a float32 that was
 * widened to float64 (0.10000000149011612) half a unit of float32.
 */
function roundingOf(value: number): number {
  const widened = Math.fround(value) === value && !isShort(value) ? 2 ** -24 * Math.abs(value) : 0;
  return Math.max(halfLastDecimal(value), widened);
}

/** Printed with fewer digits than it takes to tell two float32 apart, it was printed as a decimal. */
function isShort(value: number): boolean {
  return Number(value.toPrecision(8)) === value;
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
