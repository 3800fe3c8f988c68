import { z } from 'zod';
import type { MetricId } from '../../metrics/metric-id.ts';
import { measureRegression } from '../../metrics/regression.ts';
import { VARIANTS, type Variant, variantFile } from './names.ts';

/** Metrics of which a variant's loss is told. */
const TOLD = ['mse', 'mae', 'rmse', 'r2', 'pearson', 'spearman'] as const satisfies readonly MetricId[];

/** What a variant computes otherwise than `model.onnx`, over the same rows. */
export const variantLossSchema = z.strictObject({
  variant: z.enum(VARIANTS),
  /** Its graph, relative to the bundle. */
  file: z.string(),
  rows: z.int().positive(),
  /** R² of its scores against those of model.onnx: 1 − Σ(difference²) / Σ(deviation from the mean)²; null if those are all alike. */
  r2: z.number().nullable(),
  /** The largest difference of one row's score, in the score's unit. */
  maxDifference: z.number(),
  /** The mean of its scores less the mean of those of model.onnx. */
  shift: z.number(),
  /** Metrics against the labels; null where the scores leave one without meaning. */
  metrics: z.array(
    z.strictObject({ metric: z.string(), model: z.number().nullable(), variant: z.number().nullable() }),
  ),
});

export type VariantLoss = z.output<typeof variantLossSchema>;

/** Compares a variant's scores with those of model.onnx, row by row. */
export function measureLoss(
  variant: Variant,
  labels: Float64Array,
  scores: { readonly model: Float64Array; readonly variant: Float64Array },
): VariantLoss {
  const between = measureRegression(scores.model, scores.variant);
  const before = measureRegression(labels, scores.model);
  const after = measureRegression(labels, scores.variant);
  return {
    variant,
    file: variantFile(variant),
    rows: labels.length,
    r2: between.r2,
    maxDifference: between.maxError,
    shift: between.bias,
    metrics: TOLD.map((metric) => ({ metric, model: before[metric], variant: after[metric] })),
  };
}
