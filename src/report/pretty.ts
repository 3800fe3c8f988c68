import type { Check, Finding, MetricComparison, VerificationReport } from '../verification.ts';
import { formatTable } from './table.ts';

/** Colours a piece of text; the identity where there are no colours. */
export type Paint = (style: 'green' | 'red' | 'yellow' | 'dim' | 'bold', text: string) => string;

const MARK: Record<Check['status'], { mark: string; style: Parameters<Paint>[0] }> = {
  pass: { mark: '✔', style: 'green' },
  warn: { mark: '!', style: 'yellow' },
  fail: { mark: '✖', style: 'red' },
  skip: { mark: '-', style: 'dim' },
};

/** The report as people read it in a terminal: what was compared, what failed and what to do. Fits 80 columns. */
export function formatReport(report: VerificationReport, paint: Paint): string {
  return [
    ...report.checks.map((check) => formatCheck(check, report.findings, paint)),
    '',
    ...formatMetrics(report.metrics, paint),
    formatVerdict(report, paint),
  ].join('\n');
}

function formatCheck(check: Check, findings: readonly Finding[], paint: Paint): string {
  const { mark, style } = MARK[check.status];
  const reason = paint('dim', describeReason(check));
  const own = findings.filter(({ rule }) => rule === check.rule);
  const lines = own.flatMap(({ path, message, hint }) => [
    `    ${path === '.' || message.startsWith(path) ? '' : `${path}: `}${message}`,
    paint('dim', `    → ${hint}`),
  ]);
  return [`${paint(style, mark)} ${check.rule}: ${check.title}${reason}`, ...lines].join('\n');
}

function describeReason({ reason, ignored, status, margin }: Check): string {
  if (reason !== undefined) return ` (${ignored === true ? 'ignored' : 'skipped'}: ${reason})`;
  if (margin === undefined || status !== 'pass') return '';
  const { what, actual, limit } = margin;
  return ` (${what} ${formatDifference(actual)}, at most ${formatDifference(limit)})`;
}

function formatMetrics(metrics: readonly MetricComparison[], paint: Paint): string[] {
  if (metrics.length === 0) return [];
  if (metrics.some(({ interval }) => interval !== undefined)) return formatEstimates(metrics, paint);
  const header = ['', 'metric', 'expected', 'measured', 'difference', 'allowed'];
  const rows = metrics.map(({ key, expected, actual, difference, tolerance, status }) => [
    markMetric(status),
    key,
    formatNumber(expected),
    status === 'not-verified' ? 'not verified' : actual === null ? 'no value' : formatNumber(actual),
    difference === null ? '' : formatDifference(difference),
    status === 'not-verified' ? '' : formatDifference(tolerance),
  ]);
  return paintTable(formatTable([header, ...rows], new Set([2, 3, 4, 5])), metrics, paint);
}

/** What a sample measured, and between which numbers the metric of all rows lies. */
function formatEstimates(metrics: readonly MetricComparison[], paint: Paint): string[] {
  const header = ['', 'metric', 'expected', 'in the sample', 'all rows: from', 'to'];
  const rows = metrics.map(({ key, expected, actual, interval, status }) => [
    markMetric(status),
    key,
    formatNumber(expected),
    actual === null ? 'no value' : formatNumber(actual),
    ...(interval === undefined ? ['', ''] : interval.map((end) => formatNumber(Number(end.toPrecision(5))))),
  ]);
  return paintTable(formatTable([header, ...rows], new Set([2, 3, 4, 5])), metrics, paint);
}

function markMetric(status: MetricComparison['status']): string {
  return status === 'pass' ? '✔' : status === 'fail' ? '✖' : '?';
}

function paintTable(
  [head = '', ...body]: readonly string[],
  metrics: readonly MetricComparison[],
  paint: Paint,
): string[] {
  const painted = body.map((line, i) => {
    const status = metrics[i]?.status;
    return status === 'pass'
      ? line.replace('✔', paint('green', '✔'))
      : paint(status === 'fail' ? 'red' : 'yellow', line);
  });
  return [paint('dim', head), ...painted, ''];
}

function formatVerdict(report: VerificationReport, paint: Paint): string {
  const sample = report.sample;
  const seen =
    sample === undefined ? '' : `a sample of ${sample.rows} of ${sample.of} rows (seed ${sample.seed}); `;
  const { pass, warn, fail, skip } = report.summary;
  const counts = [
    `${pass} passed`,
    ...(warn > 0 ? [`${warn} warned`] : []),
    ...(fail > 0 ? [`${fail} failed`] : []),
    ...(skip > 0 ? [`${skip} skipped`] : []),
  ].join(', ');
  const choice = report.selection === undefined ? '' : `${report.checks.length} rules only; `;
  const { inference, environment } = report;
  const over =
    inference === null
      ? 'inference did not run'
      : `${inference.rows} rows, ${inference.tokens} tokens, ONNX Runtime ${environment.onnxruntime} on ${environment.executionProvider}`;
  if (report.partial && fail === 0)
    return `${paint('yellow', '! in part')}: ${choice}${seen}${counts}; ${over}`;
  return report.ok
    ? `${paint('green', '✔ verified')}: ${counts}; ${over}`
    : `${paint('red', '✖ not verified')}: ${counts}; ${over}`;
}

/** Ten significant digits show every difference that a tolerance can be about. */
function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(10)));
}

function formatDifference(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  return value.toExponential(1);
}
