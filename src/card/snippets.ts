/** A piece of code that the card shows, complete as a reader would run it, and the line that it prints last. */
export interface Snippet {
  readonly language: string;
  readonly code: string;
  readonly expected: string;
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
  for (const [, name, code = ''] of card.matchAll(FENCE)) {
    if (name !== language) continue;
    const expected = EXPECTED.exec(code)?.[1];
    if (expected !== undefined) snippets.push({ language, code: `${shared}${code}`, expected });
    else if (snippets.length === 0) shared += `${code}\n`;
  }
  return snippets;
}
