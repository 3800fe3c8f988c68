import { formatBytes } from '../../formats/shown-bytes.ts';
import { formatCount } from '../../plot/number-text.ts';
import { countChecks, judgeReport, type VerificationReport } from '../../verification.ts';
import { renderBaseline } from './baseline-section.ts';
import { renderChecks } from './checks-section.ts';
import { html, type Markup } from './markup.ts';
import { renderMetrics } from './metrics-section.ts';
import type { ReportRows } from './pack-rows.ts';
import { renderRows } from './rows-section.ts';
import { renderShell } from './shell.ts';

export interface HtmlReportOptions {
  /** What the report is about: a title, a repository or a folder. */
  readonly name: string;
  /** The rows of the test split, or why they are not shown. */
  readonly rows: ReportRows | { readonly missing: string };
  /** Above the report, where a preview shows it. */
  readonly navigation?: Markup;
}

/**
 * The verification report as one page without anything outside of itself: verdict, metrics with their margins, checks
 * with filter and search, and the rows as an interactive scatter and a list. Below a megabyte, whatever the rows.
 *
 * @throws HubwrightError `INPUT_MISSING` where the package was not built.
 */
export function renderHtmlReport(report: VerificationReport, options: HtmlReportOptions): string {
  const { name, rows, navigation } = options;
  const served = navigation !== undefined;
  const body = html`<header class="page-head">${navigation}
<div class="top"><div class="bar">
<p class="brand">Verification report</p>
<nav aria-label="Sections"><a href="#metrics">Metrics</a> <a href="#checks">Checks</a> <a href="#test-rows">Rows</a> <a href="#files">Files</a></nav>
<button type="button" id="theme" hidden>Theme</button>
</div></div></header>
<main>
${renderVerdict(report, name)}
<section id="metrics" aria-labelledby="metrics-title"><h2 id="metrics-title">Metrics</h2>
${renderMetrics(report)}${report.baseline && renderBaseline(report.baseline)}</section>
<section id="checks" aria-labelledby="checks-title"><h2 id="checks-title">Checks</h2>
${renderChecks(report)}</section>
<section id="test-rows" aria-labelledby="rows-title"><h2 id="rows-title">Rows of the test split</h2>
${'missing' in rows ? html`<p class="empty">${rows.missing}</p>` : renderRows(rows)}</section>
<section id="files" aria-labelledby="files-title"><h2 id="files-title">Files</h2>
${renderFiles(report)}</section>
</main>`;
  return renderShell({
    title: `${name}: verification report`,
    styles: ['base.css', 'report.css'],
    scripts: ['report.js', ...(served ? ['live.js'] : [])],
    body,
    served,
  });
}

function renderVerdict(report: VerificationReport, name: string): Markup {
  const { inference, environment, tool } = report;
  const { word, status } = describeVerdict(report);
  return html`<section class="verdict ${status}" aria-labelledby="verdict">
<h1>${name}</h1>
<p id="verdict" class="word">${word}</p>
<dl class="facts">
<div><dt>Checks</dt><dd>${countChecks(report)}</dd></div>
<div><dt>Inference</dt><dd>${
    inference === null
      ? 'did not run'
      : `${formatCount(inference.rows)} rows, ${formatCount(inference.tokens)} tokens${
          inference.truncatedRows > 0
            ? `, ${formatCount(inference.truncatedRows)} rows cut at the maximum length`
            : ''
        }`
  }</dd></div>
<div><dt>Runtime</dt><dd>ONNX Runtime ${environment.onnxruntime}, ${environment.executionProvider}</dd></div>
<div><dt>Files</dt><dd>root digest <code title="${report.rootDigest}">${report.rootDigest.slice(0, 12)}</code></dd></div>
<div><dt>By</dt><dd>${tool.name} ${tool.version}</dd></div>
</dl>
</section>`;
}

function describeVerdict(report: VerificationReport): { word: string; status: string } {
  if (report.ok) return { word: 'Verified', status: 'pass' };
  const outcome = judgeReport(report);
  if (outcome === 'failed') return { word: 'Not verified', status: 'fail' };
  if (outcome === 'unproven')
    return { word: 'Nothing proven: what had to be checked was skipped', status: 'warn' };
  const part = report.selection === undefined ? 'a sample of the rows' : 'a choice of the rules';
  return { word: `In part: only ${part} was looked at`, status: 'warn' };
}

function renderFiles({ files }: VerificationReport): Markup {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  return html`<details><summary>${files.length} files, ${formatBytes(total)}, with the sha256 of each</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Files table"><table class="files">
<thead><tr><th scope="col">File</th><th scope="col" class="number">Size</th><th scope="col">sha256</th></tr></thead>
<tbody>
${files.map(
  ({ path, size, sha256 }) =>
    html`<tr><th scope="row"><code>${path}</code></th><td class="number">${formatBytes(size)}</td><td><code class="hash">${sha256}</code></td></tr>
`,
)}</tbody></table></div></details>`;
}
