import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HubwrightError } from '../errors.ts';
import { unreadableFile } from '../formats/unreadable-file.ts';
import { type CardFacts, collectCardFacts } from './facts.ts';
import { mergeCard } from './merge.ts';
import { listMetadata } from './metadata.ts';
import { isSectionName, SECTIONS } from './sections.ts';
import { compileSections, readOverrides } from './templates.ts';
import { listTodo } from './todo.ts';
import { makeView } from './view.ts';

export { CARD_FACTS_FILE } from './card-facts-file.ts';
export { type CardFacts, collectCardFacts } from './facts.ts';

export const CARD_FILE = 'README.md';

export interface RenderedCard {
  readonly text: string;
  /** What the author could still add, each a sentence. */
  readonly todo: readonly string[];
}

export interface RenderOptions {
  /** README.md as it is; undefined for none. What its author wrote is kept. */
  readonly existing?: string | undefined;
  /** The repository's files, where the folder holds only some of them. */
  readonly listed?: readonly { readonly path: string; readonly bytes: number }[] | undefined;
}

/**
 * Writes README.md for a bundle folder, from the bundle's files alone: the same files and the same README.md give the
 * same text, and that text gives itself again.
 *
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID or CONFIG
 */
export async function renderCard(dir: string, options: RenderOptions = {}): Promise<RenderedCard> {
  const facts = await collectCardFacts(dir, options.listed);
  const sections = await renderSections(facts);
  const text = mergeCard(options.existing, { entries: listMetadata(facts), sections });
  return { text, todo: listTodo(facts) };
}

/**
 * The card that lies in a folder, for its author's text to be kept.
 *
 * @throws HubwrightError INPUT_INVALID for one that is no UTF-8, which could not be kept to the byte.
 */
export async function readCard(dir: string): Promise<string | undefined> {
  const path = join(dir, CARD_FILE);
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw unreadableFile(path, cause);
  });
  if (bytes === undefined) return undefined;
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return text;
  throw new HubwrightError('INPUT_INVALID', `${path} is not UTF-8`, {
    hint: 'save it as UTF-8; nothing was changed',
  });
}

async function renderSections(facts: CardFacts) {
  const { omit = [], templates } = facts.config.card;
  const unknown = omit.find((name) => !isSectionName(name));
  if (unknown !== undefined) {
    throw new HubwrightError('CONFIG', `card.omit names ${unknown}, which is no section`, {
      hint: `there are ${SECTIONS.join(', ')}`,
    });
  }
  const overrides = templates === undefined ? undefined : await readOverrides(templates);
  const render = compileSections(overrides);
  const view = makeView(facts);
  return SECTIONS.filter((name) => !omit.includes(name))
    .map((name) => ({ name, body: tidy(render(name, view)) }))
    .filter(({ body }) => body !== '');
}

/** Templates leave blank lines where a part was empty; what stands in a fence is left alone. */
function tidy(text: string): string {
  return text.replace(/^(`{3,}).*\n[\s\S]*?^\1$|\n{3,}/gm, (match, fence?: string) =>
    fence === undefined ? '\n\n' : match,
  );
}
