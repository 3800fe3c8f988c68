import { formatJson } from '../formats/json.ts';
import type { ReportFormat } from './format.ts';
import { github } from './github.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { formatReport } from './pretty.ts';
import { sarif } from './sarif.ts';

const text: ReportFormat = {
  title: 'the table that verify prints',
  render: (report) => `${formatReport(report, (_, plain) => plain)}\n`,
};

const json: ReportFormat = {
  title: 'verification.json itself, see verification.schema.json',
  render: (report) => formatJson(report),
};

/** Every way to write a report, by the name that `--report` and `--format` take. */
export const REPORT_FORMATS = { text, json, junit, sarif, markdown, github } as const satisfies Record<
  string,
  ReportFormat
>;

export type ReportFormatName = keyof typeof REPORT_FORMATS;

export function isReportFormat(name: string): name is ReportFormatName {
  return Object.hasOwn(REPORT_FORMATS, name);
}
