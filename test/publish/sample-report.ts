import type { VerificationReport } from '../../src/verification.ts';

/** A passing report about the files with this digest. */
export function sampleReport(
  rootDigest: string,
  changes: Partial<VerificationReport> = {},
): VerificationReport {
  return {
    version: 2,
    tool: { name: 'hubwright', version: '0.1.0' },
    ok: true,
    rootDigest,
    files: [],
    environment: { onnxruntime: '1.30.0', executionProvider: 'cpu' },
    inference: { rows: 1000, distinctTexts: 990, tokens: 123_456, truncatedRows: 0 },
    metrics: [
      metric('eval_rmse', 'rmse', 0.123456789, 'pass'),
      metric('eval_pearson', 'pearson', 0.98, 'pass'),
      metric('eval_runtime', undefined, null, 'not-verified'),
    ],
    summary: { pass: 14, warn: 1, fail: 0, skip: 2 },
    checks: [skipped('leak-groups', true), skipped('predictions-match')],
    findings: [],
    ...changes,
  };
}

function skipped(rule: string, notApplicable?: true): VerificationReport['checks'][number] {
  return {
    rule,
    group: 'data',
    title: `what ${rule} looks at`,
    severity: 'error',
    status: 'skip',
    reason: 'there is nothing to look at',
    ...(notApplicable === undefined ? {} : { notApplicable }),
    docs: `docs/rules.md#${rule}`,
  };
}

function metric(
  key: string,
  name: string | undefined,
  actual: number | null,
  status: 'pass' | 'not-verified',
): VerificationReport['metrics'][number] {
  return {
    key,
    ...(name === undefined ? {} : { metric: name }),
    expected: actual ?? 3.5,
    actual,
    difference: actual === null ? null : 0,
    tolerance: 1e-4,
    margin: actual === null ? null : 0,
    status,
  };
}
