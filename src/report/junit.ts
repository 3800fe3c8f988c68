import { escapeMarkup } from '../formats/markup.ts';
import type { Check, VerificationReport } from '../verification.ts';
import type { ReportContext, ReportFormat } from './format.ts';
import { showReport } from './shown-report.ts';
import { describeFinding, describeMargin, describeSkip, findingsOf, joinBase } from './words.ts';

/** JUnit's XML, as Jenkins, GitLab and most other CI systems read it: a suite a group, a test case a rule. */
export const junit: ReportFormat = {
  title: 'JUnit XML, for GitLab, Jenkins and others',
  render(report, context) {
    const shown = showReport(report);
    const groups = [...new Set(shown.checks.map(({ group }) => group))];
    const suites = groups.map((group) =>
      formatSuite(
        group,
        shown.checks.filter((check) => check.group === group),
        shown,
        context,
      ),
    );
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites${attributes({ name: `hubwright verify ${context.name}`, ...count(shown.checks, context), time: 0 })}>`,
      ...suites,
      '</testsuites>',
      '',
    ].join('\n');
  },
};

function formatSuite(
  group: string,
  checks: readonly Check[],
  report: VerificationReport,
  context: ReportContext,
): string {
  return [
    `  <testsuite${attributes({ name: group, ...count(checks, context), time: 0 })}>`,
    ...checks.map((check) => formatCase(check, report, context)),
    '  </testsuite>',
  ].join('\n');
}

function formatCase(check: Check, report: VerificationReport, context: ReportContext): string {
  const findings = findingsOf(report, check);
  const file = findings.find(({ path }) => path !== '.')?.path;
  const open = `    <testcase${attributes({
    name: `${check.rule}: ${check.title}`,
    classname: `hubwright.${check.group}`,
    ...(file === undefined ? {} : { file: joinBase(context.base, file) }),
    time: 0,
  })}`;
  const body = findings.map((finding) => `${describeFinding(finding)}\n→ ${finding.hint}`).join('\n');
  if (check.status === 'skip') {
    return `${open}><skipped${attributes({ message: describeSkip(check) })}/></testcase>`;
  }
  if (hasFailed(check, context)) {
    const [first] = findings;
    const message = first === undefined ? check.title : describeFinding(first);
    return `${open}><failure${attributes({ message, type: check.rule })}>${escapeXml(body)}</failure></testcase>`;
  }
  const output = check.status === 'warn' ? `warning: ${body}` : describeMargin(check);
  if (output === undefined) return `${open}/>`;
  return `${open}><system-out>${escapeXml(output)}</system-out></testcase>`;
}

function hasFailed({ status }: Check, { strict }: ReportContext): boolean {
  return status === 'fail' || (strict && status === 'warn');
}

function count(checks: readonly Check[], context: ReportContext) {
  return {
    tests: checks.length,
    failures: checks.filter((check) => hasFailed(check, context)).length,
    errors: 0,
    skipped: checks.filter(({ status }) => status === 'skip').length,
  };
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

/** Two code points that showText lets through cannot stand in XML at all, not even escaped. */
function escapeXml(text: string): string {
  return escapeMarkup(text.replace(/[\uFFFE\uFFFF]/gu, '\uFFFD'));
}
