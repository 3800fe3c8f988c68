import type { Element, Root } from 'hast';
import rehypeHighlight from 'rehype-highlight';
import rehypeRaw from 'rehype-raw';
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize';
import rehypeSlug from 'rehype-slug';
import rehypeStringify from 'rehype-stringify';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';
import { Markup } from '../report/html/markup.ts';

/** Before ids of the card's headings, so that none of them is an id of the page around it. */
const ID_PREFIX = 'user-content-';

/** The themes that a picture can be for, as the Hub reads it from the end of its address. */
const THEMES: Readonly<Record<string, string>> = {
  '#hf-light-mode-only': 'light-only',
  '#hf-dark-mode-only': 'dark-only',
};

const EXTERNAL = /^([a-z][a-z0-9+.-]*:|\/\/)/i;

/**
 * GitHub-flavoured Markdown as HTML that is safe to show: scripts, styles, forms and handlers of the text are gone, as
 * they are on the Hub. Pictures and links that are relative lead to the bundle's files; a picture from elsewhere is
 * replaced by its words, because the preview fetches nothing.
 *
 * @param fileUrl makes the address of a file of the bundle from its path
 */
export async function renderMarkdown(text: string, fileUrl: (path: string) => string): Promise<Markup> {
  const file = await unified()
    .use(remarkParse)
    .use(remarkGfm)
    .use(remarkRehype, { allowDangerousHtml: true })
    .use(rehypeRaw)
    .use(rehypeSanitize, { ...defaultSchema, clobberPrefix: ID_PREFIX })
    .use(() => (tree: Root) => {
      let tables = 0;
      walk(tree, (element) => adapt(element, fileUrl, () => ++tables));
    })
    .use(rehypeSlug, { prefix: ID_PREFIX })
    .use(rehypeHighlight, { plainText: ['text', 'txt'] })
    .use(rehypeStringify)
    .process(text);
  return Markup.trusted(String(file));
}

/** Visits every element, children before their parent, so that what a visit puts around one is not visited. */
function walk(node: Root | Element, visit: (element: Element) => void): void {
  for (const child of node.children) {
    if (child.type !== 'element') continue;
    walk(child, visit);
    visit(child);
  }
}

function adapt(element: Element, fileUrl: (path: string) => string, nextTable: () => number): void {
  const { tagName, properties, children } = element;
  if (tagName === 'img') adaptPicture(element, fileUrl);
  else if (tagName === 'a' && typeof properties.href === 'string')
    adaptLink(element, properties.href, fileUrl);
  else if (tagName === 'source') element.properties = {};
  else if (tagName === 'table') makeScrollable(element, `Table ${nextTable()}`);
  // Long lines scroll, by keyboard too.
  else if (tagName === 'pre') properties.tabIndex = 0;
  // The corner of a table with names on two sides heads nothing.
  else if (tagName === 'th' && children.length === 0) element.tagName = 'td';
}

function adaptPicture(element: Element, fileUrl: (path: string) => string): void {
  const source = String(element.properties.src ?? '');
  const alt = String(element.properties.alt ?? '');
  if (EXTERNAL.test(source)) {
    element.tagName = 'span';
    element.properties = { className: ['not-loaded'], title: source };
    element.children = [
      { type: 'text', value: `picture from ${hostOf(source)}${alt === '' ? '' : `: ${alt}`}` },
    ];
    return;
  }
  const [path = '', fragment = ''] = source.split(/(?=#)/);
  const theme = THEMES[fragment];
  element.properties = {
    ...element.properties,
    src: fileUrl(path),
    ...(theme === undefined ? {} : { className: [theme] }),
  };
}

function adaptLink(element: Element, href: string, fileUrl: (path: string) => string): void {
  if (href.startsWith('#')) {
    const id = href.slice(1);
    element.properties.href = `#${id.startsWith(ID_PREFIX) ? id : ID_PREFIX + id}`;
  } else if (EXTERNAL.test(href)) {
    element.properties.target = '_blank';
    element.properties.rel = ['noopener', 'noreferrer'];
  } else {
    element.properties.href = fileUrl(href);
  }
}

/** A wide table scrolls by itself, by keyboard too. */
function makeScrollable(table: Element, label: string): void {
  const inner: Element = { ...table };
  table.tagName = 'div';
  table.properties = { className: ['scroll'], tabIndex: 0, role: 'region', ariaLabel: label };
  table.children = [inner];
}

function hostOf(url: string): string {
  try {
    return new URL(url, 'https://localhost').host || 'elsewhere';
  } catch {
    return 'elsewhere';
  }
}
