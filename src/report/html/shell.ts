import { type Asset, readAsset } from './assets.ts';
import { html, Markup } from './markup.ts';

export interface ShellOptions {
  readonly title: string;
  /** Files of `client/`, in order. */
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
  readonly body: Markup;
  /** Served by a preview: the page may show the bundle's images and listen for changes. @default false */
  readonly served?: boolean;
}

/**
 * A whole page in one file. Its policy lets exactly its own scripts and styles run, and nothing be fetched: what a data
 * row or a card brings along can neither run nor call home.
 */
export function renderShell({ title, styles, scripts, body, served = false }: ShellOptions): string {
  const css = styles.map(readAsset);
  const js = scripts.map(readAsset);
  const policy = [
    `default-src 'none'`,
    `script-src ${listSources(js)}`,
    `style-src ${listSources(css)}`,
    served ? `img-src 'self' data:; connect-src 'self'` : 'img-src data:',
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="data:,">
${css.map(({ text }) => html`<style>${Markup.trusted(text)}</style>\n`)}</head>
<body>
${body}
${js.map(({ text }) => html`<script>${Markup.trusted(text)}</script>\n`)}</body>
</html>
`;
  return page.text;
}

function listSources(assets: readonly Asset[]): string {
  return assets.length === 0 ? `'none'` : assets.map(({ source }) => source).join(' ');
}
