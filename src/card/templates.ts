import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { HubwrightError } from '../errors.ts';
import { formatCount } from '../plot/number-text.ts';
import { escapeCell, escapeInline, formatCellCode, formatCode, formatFence, joinWords } from './markdown.ts';
import { formatBytes, formatFixed, formatParameters, formatSetting, formatShare } from './number-text.ts';
import { SECTIONS, type SectionName } from './sections.ts';

/** Shown in a table where a number is not defined. */
const NOTHING = '–';

const FOLDER = new URL('../../templates/card/', import.meta.url);

const HELPERS: Record<string, Handlebars.HelperDelegate> = {
  inline: escapeInline,
  cell: escapeCell,
  code: formatCode,
  cellCode: formatCellCode,
  codeList: (names: readonly string[]) => joinWords(names.map(formatCode)),
  words: joinWords,
  join: (parts: readonly string[], separator: string) => parts.join(separator),
  url: encodeURI,
  /** Where a download goes: the cache's links would lead ONNX Runtime out of the model's folder, which it refuses. */
  repoName: (repo: string) => repo.split('/').at(-1) ?? repo,
  fence: formatFence,
  count: formatCount,
  whole: (value: number) => formatCount(Math.round(value)),
  parameters: formatParameters,
  share: formatShare,
  bytes: formatBytes,
  setting: formatSetting,
  fixed: (value: number | null | undefined, decimals: number) =>
    value == null ? NOTHING : formatFixed(value, decimals),
  signed: (value: number, decimals: number) =>
    `${formatFixed(value, decimals).startsWith('-') ? '' : '+'}${formatFixed(value, decimals)}`,
  interval: (interval: readonly [number, number] | null | undefined, decimals: number) =>
    interval == null ? NOTHING : interval.map((end) => formatFixed(end, decimals)).join(' to '),
  cut: ({ truncated, tokens }: { truncated: number; tokens: { counted: number } }) =>
    formatShare(truncated / tokens.counted),
};

export type RenderSection = (name: SectionName, view: object) => string;

/**
 * Compiles `templates/card/`, a file a section and some that several share. What stands in the data is never a template,
 * and is escaped only by the helper that the template names, because each place of a Markdown file needs another escape.
 *
 * @param overrides templates by name that take the place of Hubwright's own
 * @throws HubwrightError CONFIG, by the function returned, for an override that is no template or asks for what is not there.
 */
export function compileSections(overrides: ReadonlyMap<string, string> = new Map()): RenderSection {
  const handlebars = Handlebars.create();
  handlebars.registerHelper(HELPERS);
  for (const name of listTemplates()) {
    const text = overrides.get(name) ?? readFileSync(new URL(`${name}.hbs`, FOLDER), 'utf8');
    handlebars.registerPartial(name, text);
  }
  return (name, view) => {
    try {
      return handlebars.compile(`{{> ${name}}}`, { noEscape: true, strict: true })(view).trim();
    } catch (cause) {
      if (overrides.size === 0) throw cause;
      const message = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
      throw new HubwrightError('CONFIG', `card.templates: ${name}.hbs, or what it includes: ${message}`, {
        hint: 'compare it with the template of that name: docs/card.md',
        cause,
      });
    }
  };
}

/**
 * Reads the author's own templates.
 *
 * @throws HubwrightError CONFIG for a folder that is not there, or a file in it that takes no section's place.
 */
export async function readOverrides(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new HubwrightError('CONFIG', `card.templates names ${folder}, which is no folder`, { cause });
  });
  const known = listTemplates();
  const overrides = new Map<string, string>();
  for (const file of names.filter((name) => !name.startsWith('.')).sort()) {
    const name = file.replace(/\.hbs$/, '');
    if (!file.endsWith('.hbs') || !known.includes(name)) {
      throw new HubwrightError('CONFIG', `card.templates: ${file} takes the place of no template`, {
        hint: `name it after one of ${known.map((each) => `${each}.hbs`).join(', ')}`,
      });
    }
    overrides.set(name, await readFile(join(folder, file), 'utf8'));
  }
  return overrides;
}

/** Sections first, in the card's order, then what they share. */
function listTemplates(): string[] {
  const names = readdirSync(FOLDER).map((file) => file.replace(/\.hbs$/, ''));
  return [...SECTIONS, ...names.filter((name) => !(SECTIONS as readonly string[]).includes(name)).sort()];
}
