import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { type Lock, lockSchema, REPORT_FILE } from './bundle.ts';
import { HubwrightError } from './errors.ts';
import { formatJson, parseJson } from './formats/json.ts';
import { readLimitedText } from './formats/limited-file.ts';
import { describeFault } from './formats/schema-fault.ts';

const findingSchema = z.strictObject({
  rule: z.string(),
  severity: z.enum(['error', 'warning']),
  /** The file it is about, relative to the bundle. */
  path: z.string(),
  /** The line in that file, counted from 1, where there is one. */
  line: z.int().positive().optional(),
  message: z.string(),
  /** The next thing to do or type. */
  hint: z.string(),
});

const metricSchema = z.strictObject({
  /** The key as the metrics file spells it, dotted where nested. */
  key: z.string(),
  /** The canonical metric; absent when the key is not one that Hubwright can measure. */
  metric: z.string().optional(),
  expected: z.number(),
  actual: z.number().nullable(),
  difference: z.number().nullable(),
  tolerance: z.number(),
  /** Share of the tolerance that the difference takes: 0 for none, above 1 for too much; null where nothing was compared. */
  margin: z.number().nullable(),
  /** In a report about a sample: where the metric of all rows lies, with the sample's confidence. */
  interval: z.tuple([z.number(), z.number()]).optional(),
  status: z.enum(['pass', 'fail', 'not-verified']),
});

const marginSchema = z.strictObject({
  /** What was measured, such as `the largest difference of a row`. */
  what: z.string(),
  actual: z.number(),
  limit: z.number(),
});

const checkSchema = z.strictObject({
  rule: z.string(),
  /** One of the groups of docs/rules.md. */
  group: z.string(),
  title: z.string(),
  /** Of its findings, unless one says otherwise. */
  severity: z.enum(['error', 'warning']),
  status: z.enum(['pass', 'warn', 'fail', 'skip']),
  /** Why it was skipped; absent otherwise. */
  reason: z.string().optional(),
  /** Present, and then true, when it was skipped because the author or the caller said so: `reason` is theirs. */
  ignored: z.literal(true).optional(),
  /** Present, and then true, when the bundle has nothing that it is about: `reason` says what it lacks. */
  notApplicable: z.literal(true).optional(),
  /** How near to its limit it came, where it measures something. */
  margin: marginSchema.optional(),
  /** The section that explains it. */
  docs: z.string(),
});

/** A standalone ONNX model of the bundle beside model.onnx, run over the same rows. */
const variantSchema = z.strictObject({
  /** `fp32`, `fp16` or `int8`. */
  variant: z.string(),
  file: z.string(),
  rows: z.int(),
  /** R² of its scores against model.onnx's; null when those are all alike. */
  r2: z.number().nullable(),
  /** The least that is allowed. */
  minR2: z.number(),
  /** The largest difference of one row's score from model.onnx's, and what is allowed. */
  maxDifference: z.number(),
  maxAllowed: z.number(),
  /** The mean of its scores less the mean of model.onnx's. */
  shift: z.number(),
  metrics: z.array(
    z.strictObject({ metric: z.string(), model: z.number().nullable(), variant: z.number().nullable() }),
  ),
  status: z.enum(['pass', 'fail']),
});

const baselineSchema = z.strictObject({
  /** As it was named: the path of a report, or `owner/name@revision`. */
  source: z.string(),
  rootDigest: lockSchema.shape.rootDigest,
  /** Whether it was measured on the very same test split. */
  sameTestSet: z.boolean(),
  metrics: z.array(
    z.strictObject({
      metric: z.string(),
      before: z.number(),
      now: z.number(),
      /** How much worse it may be, in the metric's own unit. */
      allowed: z.number(),
      status: z.enum(['better', 'same', 'worse']),
    }),
  ),
});

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What ran the model. What is not as usual is named; the rest is absent. */
export const environmentSchema = z.strictObject({
  onnxruntime: z.string(),
  /** Every device that had a part, separated by commas. */
  executionProvider: z.string(),
  /** The graph that ran on a device without a kernel for attention: made from the same checkpoint as model.onnx. */
  graph: z.strictObject({ attention: z.literal('decomposed'), sha256 }).optional(),
  /** Whether CUDA was allowed to multiply in TF32. */
  tf32: z.boolean().optional(),
  /** Weights were read from their file as they were needed, which another kernel does. */
  weights: z.literal('mapped').optional(),
});

/** `verification.json`: what was checked on exactly these bytes, and what came out. No times: same bundle, same bytes. */
const reportSchema = z.strictObject({
  version: z.literal(2),
  tool: z.strictObject({ name: z.literal('hubwright'), version: z.string() }),
  /** True only when no check failed and inference ran over the whole test split. */
  ok: z.boolean(),
  /** Present, and then true, when only some rows or some rules were looked at: such a report is never `ok`. */
  partial: z.literal(true).optional(),
  /** The rules that were asked for, where not all were. */
  selection: z.array(z.string()).optional(),
  sample: z.strictObject({ rows: z.int(), of: z.int(), seed: z.int(), confidence: z.number() }).optional(),
  /** The files it is about, as the lock lists them, so that a downloaded copy can be compared too. */
  rootDigest: lockSchema.shape.rootDigest,
  files: lockSchema.shape.files,
  environment: environmentSchema,
  inference: z
    .strictObject({
      rows: z.int(),
      distinctTexts: z.int(),
      tokens: z.int(),
      truncatedRows: z.int(),
    })
    .nullable(),
  metrics: z.array(metricSchema),
  variants: z.array(variantSchema).optional(),
  baseline: baselineSchema.optional(),
  summary: z.strictObject({ pass: z.int(), warn: z.int(), fail: z.int(), skip: z.int() }),
  checks: z.array(checkSchema),
  findings: z.array(findingSchema),
});

export type Finding = z.output<typeof findingSchema>;
export type MetricComparison = z.output<typeof metricSchema>;
export type Check = z.output<typeof checkSchema>;
export type Margin = z.output<typeof marginSchema>;
export type VariantComparison = z.output<typeof variantSchema>;
export type BaselineComparison = z.output<typeof baselineSchema>;
export type VerificationReport = z.output<typeof reportSchema>;

/** `46 passed, 1 failed, 2 skipped, 5 not applicable` */
export function countChecks({ summary: { pass, warn, fail }, checks }: VerificationReport): string {
  return [
    `${pass} passed`,
    ...(warn > 0 ? [`${warn} warned`] : []),
    ...(fail > 0 ? [`${fail} failed`] : []),
    ...countSkipped(checks),
  ].join(', ');
}

/** `2 skipped` and `5 not applicable`, without what there is none of. */
export function countSkipped(checks: readonly Check[]): string[] {
  const skipped = checks.filter(({ status }) => status === 'skip');
  const absent = skipped.filter(({ notApplicable }) => notApplicable === true).length;
  const rest = skipped.length - absent;
  return [...(rest > 0 ? [`${rest} skipped`] : []), ...(absent > 0 ? [`${absent} not applicable`] : [])];
}

/** What a run of the rules came to, one exit code each. */
export type Outcome = 'passed' | 'failed' | 'unproven';

/**
 * A run with a failed check has failed, with `strict` also one with a warning. One that is about all rows and rules and
 * skipped what proves the model, and one that checked nothing at all, has proven nothing.
 */
export function judgeReport(report: VerificationReport, strict = false): Outcome {
  const { fail, warn, pass } = report.summary;
  if (fail > 0 || (strict && warn > 0)) return 'failed';
  if (report.partial === true) return pass + warn > 0 ? 'passed' : 'unproven';
  return report.ok ? 'passed' : 'unproven';
}

/** The report's JSON Schema, for readers that are not Hubwright. */
export function reportJsonSchema(): object {
  return z.toJSONSchema(reportSchema);
}

export async function writeReport(dir: string, report: VerificationReport): Promise<void> {
  await writeFileAtomic(join(dir, REPORT_FILE), formatJson(report));
}

/** Parses a report's text. @throws HubwrightError INPUT_INVALID */
export function parseReport(text: string): VerificationReport {
  const parsed = reportSchema.safeParse(parseJson(text, REPORT_FILE));
  if (parsed.success) return parsed.data;
  throw new HubwrightError(
    'INPUT_INVALID',
    `${REPORT_FILE} is not a report: ${describeFault(parsed.error)}`,
    {
      hint: 'make a new one: hubwright verify <bundle>',
    },
  );
}

/** The report in a folder, if it has one. @throws HubwrightError INPUT_INVALID */
export async function readReport(dir: string): Promise<VerificationReport | undefined> {
  const text = await readLimitedText(join(dir, REPORT_FILE)).catch((error: HubwrightError) => {
    if ((error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseReport(text);
}

/**
 * Reads the report that lets a bundle be published.
 *
 * @throws HubwrightError NOT_VERIFIED when there is none, it failed, or it belongs to other bytes.
 */
export async function readPassingReport(dir: string, lock: Lock): Promise<VerificationReport> {
  const hint = `run hubwright verify ${dir}`;
  const report = await readReport(dir);
  if (report === undefined) {
    throw new HubwrightError('NOT_VERIFIED', `${dir} has not been verified: it has no ${REPORT_FILE}`, {
      hint,
    });
  }
  if (report.rootDigest !== lock.rootDigest) {
    throw new HubwrightError('NOT_VERIFIED', `${REPORT_FILE} is about other files than those in ${dir}`, {
      hint,
    });
  }
  if (report.partial) {
    const part = report.selection === undefined ? 'a sample of its rows' : 'a choice of the rules';
    throw new HubwrightError('NOT_VERIFIED', `${dir} was verified in part only: ${part}`, { hint });
  }
  if (!report.ok) {
    throw new HubwrightError('NOT_VERIFIED', `the verification of ${dir} failed`, { hint });
  }
  return report;
}
