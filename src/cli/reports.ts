import { mkdir } from 'node:fs/promises';
import { dirname, isAbsolute, relative } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { HubwrightError } from '../errors.ts';
import type { ReportContext, RuleWords } from '../report/format.ts';
import { REPORT_FORMATS } from '../report/formats.ts';
import { formatReport } from '../report/pretty.ts';
import type { VerificationReport } from '../verification.ts';
import type { Context } from './context.ts';
import { tellGitHub } from './github.ts';
import type { ReportFlags, ReportTarget } from './report-flag.ts';
import type { GlobalFlags } from './terminal.ts';

/**
 * What a rendering is told besides the report.
 *
 * @param dir the bundle's folder; undefined for one that is not at hand
 */
export function describeSubject(
  name: string,
  dir: string | undefined,
  strict: boolean | undefined,
): ReportContext {
  return {
    name,
    base: dir === undefined ? '' : fromRoot(dir),
    dir,
    strict: strict === true,
    explain: explainRule,
  };
}

/** Loaded for a format that asks: the rules have the model's runtime behind them, and a publish may not need it. */
async function explainRule(code: string): Promise<RuleWords | undefined> {
  const { describeRules } = await import('../verify/catalogue.ts');
  return describeRules().find((rule) => rule.code === code);
}

/** A folder as CI sees it from the root of the checkout, where it runs; '' for one outside of it, or the root itself. */
function fromRoot(dir: string): string {
  const path = relative(process.cwd(), dir).replaceAll('\\', '/');
  return path.startsWith('..') || isAbsolute(path) ? '' : path;
}

/** Writes every report that was asked for, each complete or not at all. @throws HubwrightError OUTPUT */
export async function writeReports(
  report: VerificationReport,
  targets: readonly ReportTarget[] | undefined,
  context: ReportContext,
): Promise<void> {
  for (const { format, path } of targets ?? []) {
    const text = await REPORT_FORMATS[format].render(report, context);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFileAtomic(path, text);
    } catch (cause) {
      throw new HubwrightError('OUTPUT', `the ${format} report cannot be written to ${path}`, {
        hint: 'name a file in a folder that you may write to',
        cause,
      });
    }
  }
}

/** What a run has to show besides its report. */
export interface FinishedRun {
  /** A line above the report. */
  readonly title?: string;
  /** Text below it. */
  readonly more?: string;
  /** What --json prints. */
  readonly document: object;
}

/** Prints a report as the command's result, and writes it wherever else it was asked for, or CI wants it. */
export async function finishReport(
  report: VerificationReport,
  subject: ReportContext,
  flags: ReportFlags,
  context: Context,
  run: FinishedRun,
): Promise<void> {
  await writeReports(report, flags.report, subject);
  await printReport(report, subject, flags, context, run);
}

/** Prints a report as the command's result, and shows it where CI does. */
export async function printReport(
  report: VerificationReport,
  subject: ReportContext,
  flags: GlobalFlags,
  { finish, paint, columns }: Context,
  { title, more, document }: FinishedRun,
): Promise<void> {
  const parts = [title, formatReport(report, paint, columns), more];
  const text = parts.filter((part) => part !== undefined).join('\n');
  finish(await tellGitHub(text, report, subject, flags), document);
}
