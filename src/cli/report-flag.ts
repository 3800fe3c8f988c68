import { type Command, InvalidArgumentError, Option } from 'commander';
import { isReportFormat, REPORT_FORMAT_NAMES, type ReportFormatName } from '../report/format-names.ts';
import type { GlobalFlags } from './terminal.ts';

/** A report to write beside `verification.json`. */
export interface ReportTarget {
  readonly format: ReportFormatName;
  readonly path: string;
}

/** The flag of commands that verify. */
export interface ReportFlags extends GlobalFlags {
  readonly report?: readonly ReportTarget[];
}

export function addReportFlag(command: Command): Command {
  return command.addOption(
    new Option(
      '--report <format=file>',
      `write the report to a file too; several times for several: ${REPORT_FORMAT_NAMES.join(', ')}`,
    ).argParser(addTarget),
  );
}

function addTarget(text: string, before: readonly ReportTarget[] = []): ReportTarget[] {
  const [, format = '', path = ''] = /^([^=]*)=(.+)$/.exec(text) ?? [];
  if (isReportFormat(format)) return [...before, { format, path }];
  throw new InvalidArgumentError(
    `a format and a file were expected, such as junit=report.xml; formats: ${REPORT_FORMAT_NAMES.join(', ')}`,
  );
}
