import type { Config } from '../../config.ts';
import { measureLoss, type VariantLoss } from '../../export/variants/loss.ts';
import { LOSS_FILE, readLosses } from '../../export/variants/loss-file.ts';
import { listVariants, type Variant, variantFile } from '../../export/variants/names.ts';
import type { VariantComparison } from '../../verification.ts';
import { findFault } from '../fault-finding.ts';
import type { Rule, RuleFinding } from '../rule.ts';
import type { Subject } from '../subject.ts';

/**
 * How far what is recorded may lie from what is measured, as a share of what the gate allows: another processor adds in
 * another order, and a number at the border between two integers then falls to the other side.
 */
const RECORD_SHARE = 0.25;

export const onnxVariants: Rule = {
  code: 'onnx-variants',
  title: 'each ONNX variant scores as model.onnx does, within its gate',
  group: 'inference',
  severity: 'error',
  explanation:
    "Each standalone model in `onnx/` runs over the test split too, and its scores are compared with those of `model.onnx`, row by row: R² and the largest difference of a row must keep within `verify.variants` (fp16: R² 0.9999 and 0.01; int8: 0.99 and 0.05; without a sigmoid the difference is in standard deviations of the true scores). `onnx_variants.json`, from which the card takes its numbers, must say what was measured. Nobody else's conversion says what it lost.",
  fix: 'write it again: hubwright export <bundle> --variant <name>; or leave that variant out, or allow more in verify.variants',
  cheap: false,
  needs: ['metrics-recompute'],
  async check(subject) {
    const recorded = await readLosses(subject.dir);
    const variants: VariantComparison[] = [];
    const findings: RuleFinding[] = [];
    const present = listVariants(subject.files);
    if (present.length === 0 && recorded.length === 0)
      return { notApplicable: 'the bundle has no ONNX variant' };
    for (const variant of present) {
      const measured = await measure(subject, variant).catch((error: unknown) =>
        findFault(error, variantFile(variant)),
      );
      if ('message' in measured) {
        findings.push(measured);
        continue;
      }
      const comparison = judge(measured, await readGate(subject, variant));
      variants.push(comparison);
      findings.push(...describeLoss(comparison), ...describeRecord(comparison, recorded, subject));
    }
    for (const { variant, file } of recorded) {
      if (!present.includes(variant))
        findings.push({ path: LOSS_FILE, message: `speaks of ${file}, which is not there` });
    }
    return { findings, variants };
  },
};

async function measure(subject: Subject, variant: Variant): Promise<VariantLoss> {
  const { test, rows, scores } = await subject.measurement();
  const labels =
    rows === undefined ? test.labels : Float64Array.from(rows, (row) => test.labels[row] ?? Number.NaN);
  const own = await subject.scoreAlike(variantFile(variant));
  return measureLoss(variant, labels, { model: scores, variant: own });
}

/** The gate in the score's own unit. */
async function readGate(
  { config, measurement }: Subject,
  variant: Variant,
): Promise<Config['verify']['variants'][Variant]> {
  const { verify, head } = await config();
  const { r2, maxDifference } = verify.variants[variant];
  const unit = head.activation === 'sigmoid' ? 1 : (await measurement()).metrics.labelStd;
  return { r2, maxDifference: maxDifference * unit };
}

function judge(
  loss: VariantLoss,
  gate: { readonly r2: number; readonly maxDifference: number },
): VariantComparison {
  const passes = loss.maxDifference <= gate.maxDifference && (loss.r2 === null || loss.r2 >= gate.r2);
  return { ...loss, minR2: gate.r2, maxAllowed: gate.maxDifference, status: passes ? 'pass' : 'fail' };
}

function describeLoss({
  file,
  r2,
  minR2,
  maxDifference,
  maxAllowed,
  status,
}: VariantComparison): RuleFinding[] {
  if (status === 'pass') return [];
  return [
    {
      path: file,
      message: `its scores lie too far from model.onnx's: R² ${r2 ?? 'has no value'} (at least ${minR2}), one row moves by ${maxDifference} (at most ${maxAllowed})`,
    },
  ];
}

function describeRecord(
  { variant, file, r2, minR2, maxDifference, maxAllowed }: VariantComparison,
  recorded: readonly VariantLoss[],
  { sampled }: Subject,
): RuleFinding[] {
  // A sample knows neither number of all rows.
  if (sampled) return [];
  const hint = 'measure it again: hubwright export <bundle> --variant <name>';
  const record = recorded.find((one) => one.variant === variant);
  if (record === undefined) return [{ path: LOSS_FILE, message: `does not say what ${file} loses`, hint }];
  const differences = [
    ['R²', record.r2, r2, (1 - minR2) * RECORD_SHARE],
    ['the largest difference', record.maxDifference, maxDifference, maxAllowed * RECORD_SHARE],
  ] as const;
  return differences
    .filter(
      ([, said, found, allowed]) =>
        !(said === found || Math.abs((said ?? Number.NaN) - (found ?? Number.NaN)) <= allowed),
    )
    .map(([what, said, found]) => ({
      path: LOSS_FILE,
      message: `${what} of ${file} is ${said}; measured: ${found}`,
      hint,
    }));
}
