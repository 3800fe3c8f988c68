/** Standalone ONNX models that a bundle may carry beside the one that shares the weights file. */
export const VARIANTS = ['fp32', 'fp16', 'int8'] as const;

export type Variant = (typeof VARIANTS)[number];

/** transformers.js finds a `dtype` by these names; `q8` is what browsers take by default. */
const FILE: Readonly<Record<Variant, string>> = {
  fp32: 'model.onnx',
  fp16: 'model_fp16.onnx',
  int8: 'model_quantized.onnx',
};

const DTYPE: Readonly<Record<Variant, string>> = { fp32: 'fp32', fp16: 'fp16', int8: 'q8' };

/** The folder in which transformers.js looks. */
const FOLDER = 'onnx';

/** The graph of a variant, relative to the bundle. */
export function variantFile(variant: Variant): string {
  return `${FOLDER}/${FILE[variant]}`;
}

/** Its weights. */
export function variantDataFile(variant: Variant): string {
  return `${variantFile(variant)}_data`;
}

/** What transformers.js calls it. */
export function variantDtype(variant: Variant): string {
  return DTYPE[variant];
}

/** The variants among the files of a bundle. */
export function listVariants(files: readonly string[]): Variant[] {
  return VARIANTS.filter((variant) => files.includes(variantFile(variant)));
}

/**
 * `transformers.js_config` of config.json: transformers.js fetches external data only where it is announced.
 *
 * @returns undefined without variants
 */
export function describeForTransformersJs(variants: readonly Variant[]) {
  if (variants.length === 0) return undefined;
  const entries = VARIANTS.filter((variant) => variants.includes(variant)).map((variant) => [
    FILE[variant],
    1,
  ]);
  return { use_external_data_format: Object.fromEntries(entries) as Record<string, number> };
}
