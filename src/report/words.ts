import type { Check, Finding, VerificationReport } from '../verification.ts';
import { formatDifference, formatShare } from './numbers.ts';

// What every format says in the same words.

/** `verified`, or what it is instead. */
export function nameVerdict({
  ok,
  partial,
  summary,
}: VerificationReport): 'verified' | 'in part' | 'not verified' {
  if (ok) return 'verified';
  return partial === true && summary.fail === 0 ? 'in part' : 'not verified';
}

/** Which part of the bundle was looked at, where not all was; '' for all. */
export function describeExtent({ checks, selection, sample }: VerificationReport): string {
  return [
    ...(selection === undefined ? [] : [`${checks.length} rule${checks.length === 1 ? '' : 's'} only`]),
    ...(sample === undefined
      ? []
      : [`a sample of ${sample.rows} of ${sample.of} rows (seed ${sample.seed})`]),
  ].join('; ');
}

/** What inference ran over, and where. */
export function describeInference({ inference, environment }: VerificationReport): string {
  if (inference === null) return 'inference did not run';
  const { onnxruntime, executionProvider, graph, tf32, weights } = environment;
  return [
    `${inference.rows} rows`,
    `${inference.tokens} tokens`,
    `ONNX Runtime ${onnxruntime} on ${executionProvider}`,
    ...(graph === undefined ? [] : [`${graph.attention} attention`]),
    ...(tf32 === undefined ? [] : [`TF32 ${tf32 ? 'on' : 'off'}`]),
    ...(weights === undefined ? [] : [`${weights} weights`]),
  ].join(', ');
}

/** Where a finding is: `README.md, line 12`; '' for the bundle as a whole. */
export function describePlace({ path, line }: Finding): string {
  const file = path === '.' ? '' : path;
  return line === undefined ? file : `${file}, line ${line}`;
}

/** Place and message, without naming the file twice where the message begins with it. */
export function describeFinding(finding: Finding): string {
  const place = describePlace(finding);
  const { path, message } = finding;
  return place === '' || message.startsWith(path) ? message : `${place}: ${message}`;
}

/** Why a check was skipped, in whose words. */
export function describeSkip({ reason, ignored, notApplicable }: Check): string {
  if (notApplicable === true) return `not applicable: ${reason}`;
  return ignored === true ? `ignored: ${reason}` : (reason ?? '');
}

/** How near a check that passed came to its limit; undefined where it measures nothing. */
export function describeMargin({ margin, status }: Check): string | undefined {
  if (margin === undefined || status !== 'pass') return undefined;
  const { what, actual, limit } = margin;
  const share = limit === 0 ? '' : ` (${formatShare(actual / limit)} of it)`;
  return `${what} ${formatDifference(actual)}, at most ${formatDifference(limit)}${share}`;
}

/** The findings of one check, in their order. */
export function findingsOf(report: VerificationReport, { rule }: Check): Finding[] {
  return report.findings.filter((finding) => finding.rule === rule);
}

/** A file of the bundle as seen from the repository's root. */
export function joinBase(base: string, path: string): string {
  if (path === '.') return base === '' ? '.' : base;
  return base === '' ? path : `${base}/${path}`;
}
