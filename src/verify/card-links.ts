/** A link or picture of a card that leads to a file of the same repository. */
export interface CardLink {
  readonly target: string;
  readonly line: number;
  readonly isPicture: boolean;
  /** Of a picture: what a screen reader says. */
  readonly alt: string;
}

const MARKDOWN = /(!?)\[((?:[^\][]|\[[^\]]*\])*)\]\(\s*<?([^)\s>]+)>?(?:\s+["'][^)]*["'])?\s*\)/g;
const HTML = /<(img|a|source)\b[^>]*?\b(?:src|href|srcset)\s*=\s*["']([^"']+)["'][^>]*>/gi;
const ALT = /\balt\s*=\s*["']([^"']*)["']/i;

/** Links and pictures of a Markdown text, those inside fenced code left out. */
export function listLinks(card: string): CardLink[] {
  const links: CardLink[] = [];
  let fence: string | undefined;
  for (const [i, text] of card.split('\n').entries()) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(text)?.[1];
    if (mark !== undefined && (fence === undefined || text.trim().startsWith(fence))) {
      fence = fence === undefined ? mark : undefined;
      continue;
    }
    if (fence !== undefined) continue;
    const plain = text.replace(/`[^`]*`/g, '');
    for (const [, bang, alt = '', target = ''] of plain.matchAll(MARKDOWN)) {
      links.push({ target, line: i + 1, isPicture: bang === '!', alt });
    }
    for (const [tag, name, target = ''] of plain.matchAll(HTML)) {
      const isPicture = name?.toLowerCase() === 'img';
      links.push({ target, line: i + 1, isPicture, alt: ALT.exec(tag)?.[1] ?? '' });
    }
  }
  return links;
}

/** GitHub's and the Hub's way from a heading to its anchor. */
export function listAnchors(card: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, text = ''] of card.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    anchors.add(
      text
        .toLowerCase()
        .replace(/[`*~]|<[^>]+>|\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    );
  }
  for (const [, id = ''] of card.matchAll(/<[a-z]+[^>]*\b(?:id|name)=["']([^"']+)["']/gi)) anchors.add(id);
  return anchors;
}
