import { escapeCell, escapeInline, formatCellCode, formatCode } from '../card/markdown.ts';
import {
  type Check,
  countChecks,
  countSkipped,
  type Finding,
  type VerificationReport,
} from '../verification.ts';
import type { ReportContext, ReportFormat } from './format.ts';
import { listMetricCells, NUMBER_COLUMNS } from './metric-table.ts';
import { showReport } from './shown-report.ts';
import {
  describeExtent,
  describeInference,
  describeMargin,
  describePlace,
  describeSkip,
  nameVerdict,
} from './words.ts';

const MARKS = { verified: '✅', 'in part': '⚠️', 'not verified': '❌' } as const;

/** A comment holds 65,536 characters; past this many findings the rest is counted. */
const MAX_FINDINGS = 50;
const MAX_MESSAGE = 500;

/** By this line a bot finds its own comment again, to replace it rather than to write another. */
export const COMMENT_MARK = '<!-- hubwright verification -->';

/** GitHub's Markdown, for a comment on a pull request: verdict, problems, metrics; the rest folded. */
export const markdown: ReportFormat = {
  title: 'Markdown, for a comment on a pull request',
  render(report, context) {
    const shown = showReport(report);
    const sections = [
      formatVerdict(shown, context),
      formatFindings(shown),
      formatMetrics(shown),
      formatChecks(shown),
      `<sub>${shown.tool.name} ${shown.tool.version}; files ${formatCode(shown.rootDigest.slice(0, 12))}</sub>`,
    ];
    return `${[COMMENT_MARK, ...sections.filter((section) => section !== '')].join('\n\n')}\n`;
  },
};

function formatVerdict(report: VerificationReport, { name }: ReportContext): string {
  const verdict = nameVerdict(report);
  const extent = describeExtent(report);
  const facts = [countChecks(report), ...(extent === '' ? [] : [extent]), describeInference(report)];
  return `## ${MARKS[verdict]} ${escapeInline(name)}: ${verdict}\n\n${escapeInline(facts.join('; '))}`;
}

function formatFindings({ findings }: VerificationReport): string {
  if (findings.length === 0) return '';
  // Errors first; within, the order of the rules.
  const sorted = [...findings].sort((a, b) => rank(a) - rank(b));
  const rows = sorted.slice(0, MAX_FINDINGS).map((finding, i, shown) => [
    finding.severity === 'error' ? '❌' : '⚠️',
    formatCellCode(finding.rule),
    formatWhere(finding),
    // Findings that want the same thing done say it once, beside the last of them.
    escapeCell(cut(finding.message)) +
      (shown[i + 1]?.hint === finding.hint ? '' : `<br>→ ${escapeCell(cut(finding.hint))}`),
  ]);
  const rest = findings.length - MAX_FINDINGS;
  const more = rest > 0 ? `\n\nand ${rest} more, all of them in ${formatCode('verification.json')}` : '';
  return `${formatGrid(['', 'rule', 'where', 'what, and what to do'], rows)}${more}`;
}

function rank({ severity }: Finding): number {
  return severity === 'error' ? 0 : 1;
}

function formatWhere(finding: Finding): string {
  const place = describePlace(finding);
  return place === '' ? '' : formatCellCode(cut(place));
}

function formatMetrics({ metrics }: VerificationReport): string {
  if (metrics.length === 0) return '';
  const [header = [], ...rows] = listMetricCells(metrics);
  const cells = rows.map((row) =>
    row.map((cell, column) => (column === 1 ? formatCellCode(cut(cell)) : escapeCell(cell))),
  );
  return formatGrid(header, cells, NUMBER_COLUMNS);
}

function formatChecks({ checks }: VerificationReport): string {
  const of = (status: Check['status']) => checks.filter((check) => check.status === status);
  const passed = of('pass').map((check) => {
    const margin = describeMargin(check);
    return `- ✅ ${formatCode(check.rule)}: ${escapeInline(check.title)}${margin === undefined ? '' : ` (${escapeInline(margin)})`}`;
  });
  const skipped = of('skip').map(
    (check) => `- ⏭️ ${formatCode(check.rule)}: ${escapeInline(cut(describeSkip(check)))}`,
  );
  return [fold(`${passed.length} checks passed`, passed), fold(countSkipped(checks).join(', '), skipped)]
    .filter((section) => section !== '')
    .join('\n\n');
}

function fold(title: string, lines: readonly string[]): string {
  return lines.length === 0
    ? ''
    : `<details><summary>${title}</summary>\n\n${lines.join('\n')}\n\n</details>`;
}

function formatGrid(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, column) => (right.has(column) ? '---:' : '---'));
  return [line(header), line(rule), ...rows.map((row) => line(row))].join('\n');
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= MAX_MESSAGE ? text : `${characters.slice(0, MAX_MESSAGE).join('')}…`;
}
