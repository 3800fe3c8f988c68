import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { formatCount } from '../plot/number-text.ts';
import { escapeCell, escapeInline, formatCellCode, formatCode, formatFence } from './markdown.ts';
import { formatBytes, formatFixed, formatParameters, formatSetting, formatShare } from './number-text.ts';

/** Shown in a table where a number is not defined. */
const NOTHING = '–';

const HELPERS: Record<string, Handlebars.HelperDelegate> = {
  inline: escapeInline,
  cell: escapeCell,
  code: formatCode,
  cellCode: formatCellCode,
  codeList: (names: readonly string[]) => joinWords(names.map(formatCode)),
  fence: formatFence,
  count: formatCount,
  parameters: formatParameters,
  share: formatShare,
  bytes: formatBytes,
  setting: formatSetting,
  fixed: (value: number | undefined, decimals: number) =>
    value === undefined ? NOTHING : formatFixed(value, decimals),
};

/**
 * Compiles `templates/card/`: `card.hbs` and a partial a section. What stands in the data is never a template, and is
 * escaped only by the helper that the template names, because each place of a Markdown file needs another escape.
 */
export function compileCard(): Handlebars.TemplateDelegate {
  const folder = new URL('../../templates/card/', import.meta.url);
  const handlebars = Handlebars.create();
  handlebars.registerHelper(HELPERS);
  const read = (file: string) => readFileSync(new URL(file, folder), 'utf8');
  for (const file of readdirSync(folder)) handlebars.registerPartial(file.replace(/\.hbs$/, ''), read(file));
  return handlebars.compile(read('card.hbs'), { noEscape: true, strict: true });
}

function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
