import { HubwrightError } from '../errors.ts';
import { formatJson } from '../formats/json.ts';
import type { ReportFormat } from './format.ts';
import type { ReportFormatName } from './format-names.ts';
import { github } from './github.ts';
import { renderHtmlReport } from './html/index.ts';
import { readReportRows } from './html/read-rows.ts';
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

const html: ReportFormat = {
  title: 'one page to look at, with the rows of the test split',
  async render(report, { name, dir }) {
    if (dir === undefined) {
      return renderHtmlReport(report, {
        name,
        rows: { missing: 'The bundle was not at hand when this was written.' },
      });
    }
    // Rows that cannot be read are a finding of the report; the page is written all the same.
    const rows = await readReportRows(dir).catch((error: unknown) => {
      if (error instanceof HubwrightError) return { missing: error.message };
      throw error;
    });
    return renderHtmlReport(report, { name, rows });
  },
};

/** Every way to write a report, by the name that `--report` and `--format` take. */
export const REPORT_FORMATS = {
  text,
  json,
  junit,
  sarif,
  markdown,
  github,
  html,
} as const satisfies Record<ReportFormatName, ReportFormat>;
