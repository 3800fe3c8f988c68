import { escapeCell } from '../card/markdown.ts';
import type { VerificationReport } from '../verification.ts';
import { changedFiles, type PlannedDeletion, type PlannedFile, type PublishPlan } from './plan.ts';

/** A pull request's description, in Markdown: what was verified, the numbers beside the published ones, and the files. */
export function describePull(plan: PublishPlan, report: VerificationReport | null): string {
  return [
    plan.description.replaceAll('\n', '  \n'),
    ...listMetrics(plan),
    ...listChecks(report),
    '',
    '| file | | bytes | sha256 |',
    '|---|---|---:|---|',
    ...[...changedFiles(plan), ...plan.deleted].map(
      (file) =>
        `| ${escapeCell(file.path)} | ${describeAction(file)} | ${file.size} | ${file.sha256?.slice(0, 12) ?? ''} |`,
    ),
  ].join('\n');
}

function describeAction(file: PlannedFile | PlannedDeletion): string {
  return 'reason' in file ? `${file.action}: ${file.reason}` : file.action;
}

function listMetrics({ metrics }: PublishPlan): string[] {
  if (metrics.length === 0) return [];
  const rows = metrics.map(
    ({ metric, published, now }) => `| ${escapeCell(metric)} | ${number(published)} | ${number(now)} |`,
  );
  return ['', '| metric | published | this one |', '|---|---:|---:|', ...rows];
}

function listChecks(report: VerificationReport | null): string[] {
  const findings = report?.findings ?? [];
  if (findings.length === 0) return [];
  return [
    '',
    'Findings:',
    ...findings.map(({ rule, path, message }) => `- ${rule}, ${escapeCell(path)}: ${escapeCell(message)}`),
  ];
}

const number = (value: number | null): string => (value === null ? '' : String(Number(value.toPrecision(6))));
