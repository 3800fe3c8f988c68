/** Names of the ways to write a report, apart from the ways themselves: a flag that is only declared loads none of them. */
export const REPORT_FORMAT_NAMES = ['text', 'json', 'junit', 'sarif', 'markdown', 'github', 'html'] as const;

export type ReportFormatName = (typeof REPORT_FORMAT_NAMES)[number];

export function isReportFormat(name: string): name is ReportFormatName {
  return (REPORT_FORMAT_NAMES as readonly string[]).includes(name);
}
