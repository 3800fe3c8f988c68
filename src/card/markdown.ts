/** Characters that Markdown, HTML or the Hub's formulas would act on. */
const SPECIAL = /[\\`*_[\]<>|~$&!#]/g;
/** Controls and reordering marks: invisible at best, misleading at worst. Line feeds are handled apart. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** Text of unknown origin as one line of running Markdown that shows exactly its characters. */
export function escapeInline(text: string): string {
  return flatten(text).replace(SPECIAL, escapeCharacter);
}

/** Text of unknown origin as the content of a table cell; its line breaks stay visible. */
export function escapeCell(text: string): string {
  return listCellLines(text).map(escapeInline).join('<br>');
}

/** The lines of a text as a table cell shows them. */
export function listCellLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/).map((line) => flatten(line).trim());
}

/** A code span for any text, as CommonMark fences it: by more backticks than stand in it. */
export function formatCode(text: string): string {
  const flat = flatten(text);
  if (flat.trim() === '') return '';
  const mark = '`'.repeat(longestBacktickRun(flat) + 1);
  const pad = flat.startsWith('`') || flat.endsWith('`') ? ' ' : '';
  return `${mark}${pad}${flat}${pad}${mark}`;
}

/** A code span inside a table, where a pipe ends the cell even within code. */
export function formatCellCode(text: string): string {
  return formatCode(text).replaceAll('|', '\\|');
}

/** A fenced block for any text. */
export function formatFence(language: string, text: string): string {
  const mark = '`'.repeat(Math.max(3, longestBacktickRun(text) + 1));
  return `${mark}${language}\n${text.replace(/\r\n?/g, '\n')}\n${mark}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function flatten(text: string): string {
  return text.replace(UNSEEN, ' ');
}

// Entities, where a backslash would itself be read: by HTML, or as the start of a formula (`\\(`).
function escapeCharacter(char: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\\': '&#92;' };
  return entities[char] ?? `\\${char}`;
}

function longestBacktickRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
}
