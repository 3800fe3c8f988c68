import { parseDocument } from 'yaml';
import { isRecord } from './card-checks.ts';
import { isCardData } from './card-fields.ts';
import { PIPELINE_TAGS } from './card-vocabulary.ts';

export { isRecord } from './card-checks.ts';

/** Something about a card, in the words that the Hub uses for it. */
export interface CardIssue {
  readonly message: string;
}

/** What the Hub would answer: it refuses a card with errors and takes one with warnings. */
export interface CardReport {
  readonly errors: readonly CardIssue[];
  readonly warnings: readonly CardIssue[];
}

/** Characters of metadata that are read; real cards have a few thousand. */
const MAX_METADATA = 1024 * 1024;

// huggingface_hub/repocard.py: "same regex as the server".
const FRONT_MATTER = /^(\s*---(?:\r\n|\r|\n))([\S\s]*?)((?:\r\n|\r|\n)---[ \t]*(\r\n|\n|$))/;

type Metadata =
  | { readonly kind: 'none' }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'parsed'; readonly value: unknown };

/**
 * Checks a README.md as the Hub's `POST /api/validate-yaml` does, without network: same verdicts, and where
 * they are known the same words. Never throws, whatever the text is.
 */
export function validateCard(content: string): CardReport {
  const metadata = readMetadata(content);
  if (metadata.kind === 'none') return warn('empty or missing yaml metadata in repo card');
  if (metadata.kind === 'invalid') return refuse([metadata.message]);
  const { value } = metadata;
  if (Array.isArray(value)) return refuse(['"value" must be of type object']);
  if (!isRecord(value)) return refuse(['The YAML metadata of your README.md is invalid.']);
  const errors: string[] = [];
  isCardData(value, '', (message) => errors.push(message));
  if (errors.length > 0) return refuse(errors);
  const task = value.pipeline_tag;
  return typeof task === 'string' && !PIPELINE_TAGS.includes(task)
    ? warn(`The pipeline tag "${task}" is not in the official list: ${PIPELINE_TAGS.join(', ')}`)
    : { errors: [], warnings: [] };
}

/** A card's metadata; `undefined` when it has none that is an object. Never throws. */
export function readCardData(content: string): Record<string, unknown> | undefined {
  const metadata = readMetadata(content);
  return metadata.kind === 'parsed' && isRecord(metadata.value) ? metadata.value : undefined;
}

/** A card in pieces, which joined are the card; undefined for one without metadata. Never throws. */
export function splitFrontMatter(
  content: string,
): { head: string; block: string; tail: string; body: string } | undefined {
  const [whole, head = '', block = '', tail = ''] = FRONT_MATTER.exec(content) ?? [];
  return whole === undefined ? undefined : { head, block, tail, body: content.slice(whole.length) };
}

function readMetadata(content: string): Metadata {
  const block = splitFrontMatter(content)?.block;
  if (block === undefined) return { kind: 'none' };
  if (block.length > MAX_METADATA) {
    return { kind: 'invalid', message: `Invalid YAML in README.md: longer than ${MAX_METADATA} characters` };
  }
  try {
    // Dates and merge keys are read as js-yaml reads them, which is what the Hub uses.
    const document = parseDocument(block, { merge: true, customTags: ['timestamp'], logLevel: 'silent' });
    const [error] = document.errors;
    if (error !== undefined)
      return {
        kind: 'invalid',
        message: `Invalid YAML in README.md: ${describeYamlError(error.message)}`,
      };
    return { kind: 'parsed', value: document.toJS() };
  } catch (error) {
    // Deep nesting and alias bombs end here: the parser gives up with an error of its own or of the engine.
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'invalid', message: `Invalid YAML in README.md: ${describeYamlError(reason)}` };
  }
}

/**
 * What is wrong with a YAML text, in a line. How deep the parser comes depends on the engine's stack, so that where it gave up
 * says nothing.
 */
export function describeYamlError(message: string): string {
  if (message.includes('call stack')) return 'nested too deeply';
  // The lines below the first show the place, which may be one of a megabyte.
  return (message.split('\n')[0] ?? message).replace(/:$/, '');
}

function refuse(messages: readonly string[]): CardReport {
  return { errors: messages.map((message) => ({ message })), warnings: [] };
}

function warn(message: string): CardReport {
  return { errors: [], warnings: [{ message }] };
}
