import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { isBundle, LOCK_FILE, listBundleFiles, REPORT_FILE } from '../bundle.ts';
import { CONFIG_FILE, loadConfig } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { readCardData, splitFrontMatter } from '../formats/card-yaml.ts';
import { formatBytes } from '../formats/shown-bytes.ts';
import { renderHtmlReport } from '../report/html/index.ts';
import { html, type Markup } from '../report/html/markup.ts';
import { readReportRows } from '../report/html/read-rows.ts';
import { renderShell } from '../report/html/shell.ts';
import { readReport } from '../verification.ts';
import { type Notice, readCardSource } from './card-source.ts';
import { renderMarkdown } from './markdown.ts';
import { renderSide, renderTags } from './metadata.ts';
import { renderWidget } from './widget.ts';

/** The pages of a preview, by the last part of their address. */
export const PAGES: Readonly<Record<string, (dir: string) => Promise<string>>> = {
  '': renderCardPage,
  files: renderFilesPage,
  report: renderReportPage,
};

const TABS = [
  { path: '', name: 'Model card' },
  { path: 'files', name: 'Files' },
  { path: 'report', name: 'Verification report' },
] as const;

export function fileUrl(path: string): string {
  return `/bundle/${path.replace(/^\.?\/+/, '')}`;
}

async function renderCardPage(dir: string): Promise<string> {
  const { text, notices } = await readCardSource(dir);
  const data = readCardData(text) ?? {};
  const front = splitFrontMatter(text);
  const body = await renderMarkdown(front?.body ?? text, fileUrl);
  const widget = renderWidget(data);
  return renderPage(
    dir,
    '',
    html`${notices.map(renderNotice)}${renderTags(data)}
<div class="columns"><article class="card markdown">${body}</article>
<aside aria-label="About the model">${widget}${renderSide(data)}${await renderFileSummary(dir)}
${front !== undefined && html`<section class="side"><h2>Metadata</h2><details><summary>YAML as it is</summary><pre tabindex="0">${front.block}</pre></details></section>`}
</aside></div>`,
  );
}

async function renderFilesPage(dir: string): Promise<string> {
  const files = await listFiles(dir);
  return renderPage(
    dir,
    'files',
    html`<div class="scroll" tabindex="0" role="region" aria-label="Files table"><table class="files">
<thead><tr><th scope="col">File</th><th scope="col" class="number">Size</th></tr></thead>
<tbody>${files.map(
      ({ path, bytes }) =>
        html`<tr><th scope="row"><a href="${encodeURI(fileUrl(path))}">${path}</a></th><td class="number">${formatBytes(bytes)}</td></tr>
`,
    )}</tbody></table></div>`,
  );
}

async function renderReportPage(dir: string): Promise<string> {
  const report = await readReport(dir);
  if (report === undefined) {
    const hint = `hubwright verify ${dir}`;
    return renderPage(dir, 'report', renderNotice({ kind: 'note', message: 'Not verified yet.', hint }));
  }
  const rows = await readReportRows(dir).catch((error: unknown) => {
    if (error instanceof HubwrightError) return { missing: `The rows cannot be shown: ${error.message}` };
    throw error;
  });
  return renderHtmlReport(report, {
    name: await findName(dir),
    rows,
    navigation: renderTabs('report'),
  });
}

async function renderPage(dir: string, path: string, content: Markup): Promise<string> {
  return renderShell({
    title: `${await findName(dir)}: preview`,
    styles: ['base.css', 'preview.css'],
    scripts: ['preview.js'],
    served: true,
    body: html`<header>${renderTabs(path)}</header>
<main><h1 class="repo">${await findName(dir)}</h1>
${content}</main>`,
  });
}

/** A page that says why there is none. */
export function renderFault(dir: string, notice: Notice): Promise<string> {
  return renderPage(dir, 'none', renderNotice(notice));
}

function renderTabs(current: string): Markup {
  return html`<div class="tabs"><div class="bar"><p class="brand">Preview</p><nav aria-label="Pages">${TABS.map(
    ({ path, name }) =>
      html`<a href="/${path}"${path === current && html` aria-current="page"`}>${name}</a> `,
  )}</nav>${current !== 'report' && html`<button type="button" id="theme" hidden>Theme</button>`}</div></div>`;
}

function renderNotice({ kind, message, hint }: Notice): Markup {
  return html`<div class="notice ${kind}" role="${kind === 'error' ? 'alert' : 'status'}"><p>${message}</p>${
    hint !== undefined && html`<p class="hint"><span aria-hidden="true">→</span> ${hint}</p>`
  }</div>
`;
}

async function renderFileSummary(dir: string): Promise<Markup> {
  const files = await listFiles(dir);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = files.toSorted((a, b) => b.bytes - a.bytes).slice(0, 4);
  return html`<section class="side"><h2>Files</h2><dl class="results">${largest.map(
    ({ path, bytes }) => html`<div><dt>${path}</dt><dd>${formatBytes(bytes)}</dd></div>`,
  )}</dl><p class="empty"><a href="/files">${files.length} files, ${formatBytes(total)}</a></p></section>`;
}

/** What would be published, with what verification adds. */
async function listFiles(dir: string): Promise<{ path: string; bytes: number }[]> {
  const added = isBundle(dir) ? [LOCK_FILE, REPORT_FILE] : [];
  const sized = [...(await listBundleFiles(dir)), ...added].map(async (path) => {
    const found = await stat(join(dir, path)).catch(() => undefined);
    return found === undefined ? [] : [{ path, bytes: found.size }];
  });
  return (await Promise.all(sized)).flat();
}

/** The repository's id where the config says it, else the folder's name. */
async function findName(dir: string): Promise<string> {
  const config = await loadConfig(join(dir, CONFIG_FILE)).catch(() => undefined);
  return config?.repo ?? config?.name ?? basename(resolve(dir));
}
