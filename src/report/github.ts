import type { Finding, VerificationReport } from '../verification.ts';
import type { ReportContext, ReportFormat } from './format.ts';
import { markdown } from './markdown.ts';
import { showReport } from './shown-report.ts';
import { joinBase } from './words.ts';

/** GitHub shows ten annotations of each level a step and drops the others without a word. */
const MAX_ANNOTATIONS = 10;
/** A summary above 1 MiB is not shown at all, and the step does not fail. */
const MAX_SUMMARY_BYTES = 900_000;

/**
 * Workflow commands that GitHub Actions turns into annotations on the files of a pull request. They belong on stdout of
 * a step, and so never beside a JSON document.
 */
export const github: ReportFormat = {
  title: 'workflow commands for GitHub Actions, printed by themselves there',
  render(report, context) {
    const { findings } = showReport(report);
    const lines = (['error', 'warning'] as const).flatMap((severity) => {
      const own = findings.filter((finding) => finding.severity === severity);
      const rest = own.length - MAX_ANNOTATIONS;
      return [
        ...own.slice(0, MAX_ANNOTATIONS).map((finding) => annotate(finding, context)),
        ...(rest > 0 ? [`and ${rest} more of level ${severity}, which GitHub would not show`] : []),
      ];
    });
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  },
};

/** The Markdown for `$GITHUB_STEP_SUMMARY`, cut to what GitHub takes. */
export async function renderSummary(report: VerificationReport, context: ReportContext): Promise<string> {
  const text = await markdown.render(report, context);
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_SUMMARY_BYTES) return text;
  const whole = new TextDecoder().decode(bytes.subarray(0, MAX_SUMMARY_BYTES));
  return `${whole.slice(0, whole.lastIndexOf('\n'))}\n\n…cut here: a summary may have 1 MiB.\n`;
}

function annotate({ severity, rule, path, line, message, hint }: Finding, { base }: ReportContext): string {
  const properties = {
    ...(path === '.' ? {} : { file: joinBase(base, path) }),
    ...(line === undefined ? {} : { line: String(line) }),
    title: rule,
  };
  const listed = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`);
  return `::${severity} ${listed.join(',')}::${escapeData(`${message}\n→ ${hint}`)}`;
}

/** A raw line break would end the command, and what follows could be one of its own. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
