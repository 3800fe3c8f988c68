import { showText } from '../formats/shown-text.ts';
import type { VerificationReport } from '../verification.ts';

/**
 * A report whose texts are safe to print. Names of files, tensors, columns and tokens come from whoever made the model:
 * one with an escape sequence could otherwise rewrite what the terminal shows. Only JSON, which escapes by itself, is
 * written without this.
 */
export function showReport(report: VerificationReport): VerificationReport {
  return {
    ...report,
    environment: mapTexts(report.environment),
    metrics: report.metrics.map(mapTexts),
    ...(report.variants === undefined ? {} : { variants: report.variants.map(mapTexts) }),
    checks: report.checks.map(mapTexts),
    findings: report.findings.map(mapTexts),
  };
}

function mapTexts<T extends object>(item: T): T {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [key, typeof value === 'string' ? showText(value) : value]),
  ) as T;
}
