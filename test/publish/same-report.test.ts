import { describe, expect, it } from 'vitest';
import { isSameReport } from '../../src/publish/same-report.ts';
import type { VerificationReport } from '../../src/verification.ts';
import { sampleReport } from './sample-report.ts';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const finding = (message: string) => ({
  rule: 'length-limits',
  severity: 'warning' as const,
  path: 'model.onnx',
  message,
  hint: 'look',
});
const base = sampleReport(DIGEST, { findings: [finding('differs by 1.3e-7 of 512 tokens')] });
const [first, ...others] = base.metrics;
const with2 = (actual: number): Partial<VerificationReport> => ({
  metrics: first === undefined ? [] : [{ ...first, actual }, ...others],
});

describe('two reports say the same', () => {
  it.each<[string, Partial<VerificationReport>]>([
    ['word for word', {}],
    ['on another machine', { environment: { onnxruntime: '1.31.0', executionProvider: 'cuda' } }],
    ['but for the last digits of a metric', with2(0.123456781)],
    ['but for a measurement in a finding', { findings: [finding('differs by 2.9e-7 of 512 tokens')] }],
  ])('%s', (_, changes) => {
    expect(isSameReport(base, { ...base, ...changes })).toBe(true);
  });

  it.each<[string, Partial<VerificationReport>]>([
    ['another metric', with2(0.1236)],
    ['a metric that was not measured', { metrics: [] }],
    ['a failure', { ok: false }],
    ['other files', { rootDigest: `sha256:${'2'.repeat(64)}` }],
    ['other hashes', { files: [{ path: 'a', size: 1, sha256: '1'.repeat(64) }] }],
    ['another version', { tool: { name: 'hubwright', version: '0.2.0' } }],
    ['another count of checks', { summary: { pass: 13, warn: 2, fail: 0, skip: 2 } }],
    ['another finding', { findings: [finding('is missing')] }],
    ['no finding', { findings: [] }],
    ['a part of the rows', { partial: true }],
  ])('but not with %s', (_, changes) => {
    expect(isSameReport(base, { ...base, ...changes })).toBe(false);
    expect(isSameReport({ ...base, ...changes }, base)).toBe(false);
  });
});
