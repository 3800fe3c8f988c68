import { type Check, countChecks, type MetricComparison, type VerificationReport } from '../verification.ts';
import { COLUMNS, hangText } from './lines.ts';
import { formatMetricTable } from './metric-table.ts';
import { showReport } from './shown-report.ts';
import { formatVariants } from './variants.ts';
import {
  describeExtent,
  describeFinding,
  describeInference,
  describeMargin,
  describeSkip,
  findingsOf,
  nameVerdict,
} from './words.ts';

/** Colours a piece of text; the identity where there are no colours. */
export type Paint = (style: 'green' | 'red' | 'yellow' | 'dim' | 'bold', text: string) => string;

const VERDICT = {
  verified: { mark: '✔', style: 'green' },
  'in part': { mark: '!', style: 'yellow' },
  'not verified': { mark: '✖', style: 'red' },
} as const;

/** Findings of one rule beyond this many are counted only: every one is in the JSON. */
const MAX_FINDINGS = 10;

/**
 * The report as people read it in a terminal: what passed and what was compared, then what is wrong and what to do about
 * it, since the end is what stays on the screen.
 *
 * @param width columns that no line goes beyond
 */
export function formatReport(report: VerificationReport, paint: Paint, width = COLUMNS): string {
  const shown = showReport(report);
  const checks = (status: Check['status']) => shown.checks.filter((check) => check.status === status);
  return [
    ...formatPassed(checks('pass'), paint, width),
    ...formatAbsent(checks('skip'), paint, width),
    ...formatSkipped(checks('skip'), paint, width),
    ...formatMetrics(shown.metrics, paint, width),
    ...formatVariants(shown.variants),
    ...checks('warn').flatMap((check) => formatProblem(shown, check, paint, width)),
    ...checks('fail').flatMap((check) => formatProblem(shown, check, paint, width)),
    '',
    ...formatVerdict(shown, paint, width),
  ].join('\n');
}

/** Names in a paragraph, but for those that came with a margin to show. */
function formatPassed(checks: readonly Check[], paint: Paint, width: number): string[] {
  if (checks.length === 0) return [];
  const mark = `${paint('green', '✔')} `;
  const measured = checks.flatMap((check) => {
    const margin = describeMargin(check);
    return margin === undefined ? [] : [{ rule: check.rule, margin }];
  });
  const names = checks.filter((check) => describeMargin(check) === undefined).map(({ rule }) => rule);
  return [
    ...(names.length === 0 ? [] : hangText(mark, names.join(', '), width)),
    ...measured.flatMap(({ rule, margin }) => hangText(mark, `${rule}: ${margin}`, width)),
  ];
}

/** What the bundle has nothing of takes one line for all; the JSON has the reasons. */
function formatAbsent(checks: readonly Check[], paint: Paint, width: number): string[] {
  const names = checks.filter(({ notApplicable }) => notApplicable === true).map(({ rule }) => rule);
  if (names.length === 0) return [];
  return hangText(paint('dim', '- '), paint('dim', `not applicable: ${names.join(', ')}`), width);
}

/** Checks with the same reason share a line: one that others need takes many of them along. */
function formatSkipped(all: readonly Check[], paint: Paint, width: number): string[] {
  const checks = all.filter(({ notApplicable }) => notApplicable !== true);
  const reasons = [...new Set(checks.map(describeSkip))];
  return reasons.flatMap((reason) => {
    const rules = checks.filter((check) => describeSkip(check) === reason).map(({ rule }) => rule);
    return hangText(paint('dim', '- '), paint('dim', `${rules.join(', ')}: ${reason}`), width);
  });
}

function formatMetrics(metrics: readonly MetricComparison[], paint: Paint, width: number): string[] {
  if (metrics.length === 0) return [];
  const [head = '', ...body] = formatMetricTable(metrics, width);
  const painted = body.map((line, i) => {
    const status = metrics[i]?.status;
    return status === 'pass'
      ? line.replace('✔', paint('green', '✔'))
      : paint(status === 'fail' ? 'red' : 'yellow', line);
  });
  return ['', paint('dim', head), ...painted];
}

function formatProblem(report: VerificationReport, check: Check, paint: Paint, width: number): string[] {
  const mark = check.status === 'fail' ? paint('red', '✖ ') : paint('yellow', '! ');
  const findings = findingsOf(report, check);
  const lines = findings.slice(0, MAX_FINDINGS).flatMap((finding, i, shown) => [
    ...hangText('  ', describeFinding(finding), width),
    // Findings that want the same thing done say it once, below the last of them.
    ...(shown[i + 1]?.hint === finding.hint
      ? []
      : hangText(paint('dim', '  → '), paint('dim', finding.hint), width)),
  ]);
  const rest = findings.length - MAX_FINDINGS;
  return [
    '',
    ...hangText(mark, `${paint('bold', check.rule)}: ${check.title}`, width),
    ...lines,
    ...(rest > 0 ? [paint('dim', `  and ${rest} more, all of them in verification.json`)] : []),
  ];
}

function formatVerdict(report: VerificationReport, paint: Paint, width: number): string[] {
  const verdict = nameVerdict(report);
  const { mark, style } = VERDICT[verdict];
  const extent = describeExtent(report);
  const text = [countChecks(report), ...(extent === '' ? [] : [extent]), describeInference(report)].join(
    '; ',
  );
  return hangText(paint(style, `${mark} `), `${paint(style, verdict)}: ${text}`, width);
}
