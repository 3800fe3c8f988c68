/** A piece of code that the card shows, complete as a reader would run it, and the line that it prints last. */
export interface Snippet {
  readonly language: string;
  readonly code: string;
  readonly expected: string;
  /** The line that says so, counted from 1. */
  readonly line: number;
}

const FENCE = /^```(\w+)\n([\s\S]*?)\n```$/gm;

/** The comment behind the line that prints: one score, or that of each text. */
const EXPECTED = /(?:#|\/\/) (-?\d+\.\d{3}(?: -?\d+\.\d{3})*)$/m;

/**
 * Lists the card's code that says what it prints. A fence without such a comment, which comes before them in the same
 * language, is what they share: it stands in front of each.
 */
export function listSnippets(card: string, language: string): Snippet[] {
  const snippets: Snippet[] = [];
  let shared = '';
  for (const { 0: fence, 1: name, 2: code = '', index } of card.matchAll(FENCE)) {
    if (name !== language) continue;
    const found = EXPECTED.exec(code);
    if (found?.[1] !== undefined) {
      const line = card.slice(0, index + fence.indexOf(code) + found.index).split('\n').length;
      snippets.push({ language, code: `${shared}${code}`, expected: found[1], line });
    } else if (snippets.length === 0) shared += `${code}\n`;
  }
  return snippets;
}
