import { HubwrightError } from '../errors.ts';
import type { Part } from './ordered-parts.ts';
import { isSectionName, SECTIONS } from './sections.ts';

const MARKER = /^<!-- hubwright:(begin|end) (\S+) -->[ \t]*$/;

/** The author reads this once, on top of a new card, and may delete it. */
export const EXPLANATION =
  '<!-- `hubwright card` rewrites what stands between a hubwright:begin and its hubwright:end. All other text is yours and stays. -->\n';

/** A section as it stands in README.md, between its markers. */
export function wrapSection(name: string, body: string): string {
  // A line of the body that is itself a marker, from a template or from prose, would end the section early.
  const safe = body.replace(/^(?=<!-- hubwright:(?:begin|end) )/gm, ' ');
  return `<!-- hubwright:begin ${name} -->\n\n${safe}\n\n<!-- hubwright:end ${name} -->\n`;
}

/**
 * Cuts a card's text into Hubwright's sections and the author's text around them. Joined again, the parts are the text.
 *
 * @param firstLine the number of the text's first line in README.md, for messages.
 * @throws HubwrightError INPUT_INVALID for markers that do not pair, stand twice, or name no section.
 */
export function splitSections(text: string, firstLine: number): Part[] {
  const parts: Part[] = [];
  let open: { readonly name: string; readonly line: number } | undefined;
  let pending = '';
  const flush = (name?: string) => {
    if (pending !== '') parts.push(name === undefined ? { text: pending } : { name, text: pending });
    pending = '';
  };
  for (const [i, line] of text.split(/(?<=\n)/).entries()) {
    const [, kind, name] = MARKER.exec(line.replace(/\r?\n$/, '')) ?? [];
    if (name === undefined) {
      pending += line;
      continue;
    }
    const at = firstLine + i;
    checkMarker({ kind: kind as 'begin' | 'end', name, line: at }, open, parts);
    if (kind === 'begin') {
      flush();
      open = { name, line: at };
    }
    pending += line;
    if (kind === 'end') {
      flush(name);
      open = undefined;
    }
  }
  if (open !== undefined) throw wrong(open.line, `hubwright:begin ${open.name} has no hubwright:end`);
  flush();
  return parts;
}

/** A section's own text, and the number of its first line; undefined in a card that does not have it whole. Never throws. */
export function findSection(card: string, name: string): { text: string; line: number } | undefined {
  const lines = card.split(/\r?\n/);
  const find = (wanted: string) =>
    lines.findIndex((line) => {
      const [, kind, of] = MARKER.exec(line) ?? [];
      return kind === wanted && of === name;
    });
  const begin = find('begin');
  const end = find('end');
  if (begin < 0 || end < begin) return undefined;
  return { text: lines.slice(begin + 1, end).join('\n'), line: begin + 2 };
}

function checkMarker(
  { kind, name, line }: { kind: 'begin' | 'end'; name: string; line: number },
  open: { readonly name: string; readonly line: number } | undefined,
  parts: readonly Part[],
): void {
  if (!isSectionName(name)) {
    throw wrong(line, `hubwright:${kind} ${name} names no section; there are ${SECTIONS.join(', ')}`);
  }
  if (kind === 'begin' && open !== undefined) {
    throw wrong(line, `hubwright:begin ${name} stands inside ${open.name}, which began in line ${open.line}`);
  }
  if (kind === 'end' && open?.name !== name) {
    throw wrong(line, `hubwright:end ${name} has no hubwright:begin before it`);
  }
  if (kind === 'begin' && parts.some((part) => part.name === name)) {
    throw wrong(line, `the section ${name} begins a second time`);
  }
}

function wrong(line: number, what: string): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `README.md, line ${line}: ${what}`, {
    hint: 'mend the markers, so that each hubwright:begin has its hubwright:end; nothing was changed',
  });
}
