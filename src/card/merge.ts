import { splitFrontMatter } from '../formats/card-yaml.ts';
import { splitEntries } from './front-matter.ts';
import { EXPLANATION, splitSections, wrapSection } from './markers.ts';
import { joinParts, mergeParts } from './ordered-parts.ts';

/** What Hubwright has to say, before it is put among what the author wrote. */
export interface CardParts {
  /** Metadata, key by key, each as YAML that ends with a line break. */
  readonly entries: readonly { readonly name: string; readonly text: string }[];
  /** Sections in their order, none of them empty. */
  readonly sections: readonly { readonly name: string; readonly body: string }[];
}

/** Keys that only Hubwright writes. Any other that it has no value for is taken for the author's, and stays. */
const OWN_KEYS: ReadonlySet<string> = new Set(
  'library_name pipeline_tag base_model_relation metrics widget model-index'.split(' '),
);

/**
 * Writes README.md. In one that is there already, the sections between markers and the metadata that Hubwright knows are
 * replaced, and everything else is kept to the byte: prose, its place, further keys, line ends.
 *
 * @param existing README.md as it is, or undefined for none.
 * @throws HubwrightError INPUT_INVALID when its markers or its metadata are broken.
 */
export function mergeCard(existing: string | undefined, { entries, sections }: CardParts): string {
  const fresh = sections.map(({ name, body }) => ({ name, text: wrapSection(name, body) }));
  if (existing === undefined || existing.trim() === '') {
    const body = fresh.map(({ text }) => text).join('\n');
    return `---\n${joinParts(entries)}---\n\n${EXPLANATION}\n${body}`;
  }
  const eol = existing.includes('\r\n') ? '\r\n' : '\n';
  const withEol = (parts: readonly { name: string; text: string }[]) =>
    parts.map(({ name, text }) => ({ name, text: text.replaceAll('\n', eol) }));
  const { head, block, tail, body } = splitFrontMatter(existing) ?? {
    head: `---${eol}`,
    block: '',
    tail: `---${eol}${eol}`,
    body: existing,
  };
  const metadata = joinParts(
    mergeParts(splitEntries(endLine(block, eol)), withEol(entries), {
      isStale: (name) => OWN_KEYS.has(name),
      gap: '',
    }),
  );
  const firstLine = existing.slice(0, existing.length - body.length).split('\n').length;
  const parts = splitSections(body, firstLine);
  const hasSections = parts.some(({ name }) => name !== undefined);
  // A card that somebody wrote by hand comes first, whole; the sections follow it.
  const merged = hasSections
    ? joinParts(mergeParts(parts, withEol(fresh), { isStale: () => true, gap: eol }))
    : [endLine(body, eol), ...withEol(fresh).map(({ text }) => text)].join(eol);
  return `${head}${metadata}${tail.replace(/^\r?\n/, '')}${merged}`;
}

function endLine(text: string, eol: string): string {
  return text === '' || text.endsWith('\n') ? text : text + eol;
}
