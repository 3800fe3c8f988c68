import { escapeMarkup } from '../formats/markup.ts';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}' +
  'table{border-collapse:collapse}td,th{text-align:left;padding:.15rem 1rem .15rem 0}' +
  'td:nth-child(2){text-align:right}pre{background:#f4f4f4;padding:1rem;overflow:auto;white-space:pre-wrap}' +
  '@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}a{color:#8ab4f8}pre{background:#222}}';

/** A whole page around `body`, which is HTML; `title` is text. No script, no request to anywhere. */
export function renderPage(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeMarkup(title)}</title><style>${STYLE}</style></head><body>${body}</body></html>`;
}
