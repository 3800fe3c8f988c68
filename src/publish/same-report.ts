import { isDeepStrictEqual } from 'node:util';
import type { VerificationReport } from '../verification.ts';

/** What measurements of two machines may differ by, relative to numbers above 1. */
const TOLERANCE = 1e-5;

/**
 * Whether a report on the Hub stands for the local one: it says the same of the same files. The machine may be another one,
 * and what was measured may differ in its last digits; a commit for that alone would be noise.
 */
export function isSameReport(local: VerificationReport, remote: VerificationReport): boolean {
  const { environment: _here, tool, rootDigest, files, ...said } = local;
  const { environment: _there, tool: otherTool, rootDigest: otherDigest, files: others, ...says } = remote;
  return (
    isDeepStrictEqual([tool, rootDigest, files], [otherTool, otherDigest, others]) && saysSame(said, says)
  );
}

function saysSame(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number') {
    return Math.abs(one - other) <= TOLERANCE * Math.max(1, Math.abs(one), Math.abs(other));
  }
  // A finding's words have measurements in them.
  if (typeof one === 'string' && typeof other === 'string') return maskNumbers(one) === maskNumbers(other);
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return one === other;
  }
  const [left, right] = [Object.entries(one), Object.entries(other)];
  return (
    left.length === right.length &&
    left.every(([key, value]) => saysSame(value, (other as Record<string, unknown>)[key]))
  );
}

function maskNumbers(text: string): string {
  return text.replace(/\d+(\.\d+)?(e[+-]?\d+)?/gi, '#');
}
