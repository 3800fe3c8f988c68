import { isMap, isScalar, parseDocument } from 'yaml';
import { HubwrightError } from '../errors.ts';
import { describeYamlError } from '../formats/card-yaml.ts';
import type { Part } from './ordered-parts.ts';

const COMMENT_OR_BLANK = /^[ \t]*(?:#.*)?(?:\r?\n|$)/;

/**
 * Cuts the YAML between a card's `---` lines into its top-level entries, by key, and the comments between them. Joined
 * again, the parts are the block.
 *
 * @throws HubwrightError INPUT_INVALID for a block that is no YAML, or no mapping with a key a line.
 */
export function splitEntries(block: string): Part[] {
  const document = parseDocument(block, { logLevel: 'silent', merge: true, customTags: ['timestamp'] });
  const [error] = document.errors;
  if (error !== undefined) throw wrong(describeYamlError(error.message));
  if (document.contents === null) return block === '' ? [] : [{ text: block }];
  if (!isMap(document.contents) || document.contents.flow === true) {
    throw wrong('it is no list of keys with a key a line');
  }
  const keys = document.contents.items.map(({ key }) => {
    if (!isScalar(key) || key.range == null) throw wrong('one of its keys is no plain word');
    return { name: String(key.value), start: block.lastIndexOf('\n', key.range[0] - 1) + 1 };
  });
  const parts: Part[] = [{ text: block.slice(0, keys[0]?.start) }];
  for (const [i, { name, start }] of keys.entries()) {
    const [entry, comments] = cutComments(block.slice(start, keys[i + 1]?.start));
    parts.push({ name, text: entry }, { text: comments });
  }
  return parts.filter(({ text }) => text !== '');
}

/** What follows an entry's value is not its own: a comment there is about what comes next, or about nothing. */
function cutComments(chunk: string): [entry: string, comments: string] {
  const lines = chunk.split(/(?<=\n)/);
  let end = lines.length;
  while (end > 1 && COMMENT_OR_BLANK.test(lines[end - 1] ?? '')) end -= 1;
  return [lines.slice(0, end).join(''), lines.slice(end).join('')];
}

function wrong(why: string): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `the metadata of README.md cannot be read: ${why}`, {
    hint: 'mend the lines between the two ---; nothing was changed',
  });
}
