import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './durable-file.ts';

/** Branch and tag names, each with the commit it points at. */
export interface Refs {
  readonly branches: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
}

const BRANCHES = 'refs/heads/';
const TAGS = 'refs/tags/';

/**
 * Reads a repository's refs. They live in git's `packed-refs`, one file: replacing it is atomic for all of
 * them, and names that differ in case or nest (`a`, `a/b`) are safe on every file system.
 */
export async function readRefs(gitFolder: string): Promise<Refs> {
  const text = await readFile(join(gitFolder, 'packed-refs'), 'utf8');
  const branches = new Map<string, string>();
  const tags = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, oid, ref] = /^([0-9a-f]{40}) (.+)$/.exec(line) ?? [];
    if (oid === undefined || ref === undefined) continue;
    if (ref.startsWith(BRANCHES)) branches.set(ref.slice(BRANCHES.length), oid);
    if (ref.startsWith(TAGS)) tags.set(ref.slice(TAGS.length), oid);
  }
  return { branches, tags };
}

export async function writeRefs(gitFolder: string, refs: Refs, temporaryFolder: string): Promise<void> {
  const lines = [
    ...[...refs.branches].map(([name, oid]) => ({ ref: BRANCHES + name, oid })),
    ...[...refs.tags].map(([name, oid]) => ({ ref: TAGS + name, oid })),
  ].sort((a, b) => Buffer.compare(Buffer.from(a.ref), Buffer.from(b.ref)));
  const text = [
    '# pack-refs with: peeled fully-peeled sorted ',
    ...lines.map(({ ref, oid }) => `${oid} ${ref}`),
  ].join('\n');
  await writeDurably(join(gitFolder, 'packed-refs'), Buffer.from(`${text}\n`), temporaryFolder);
}

/** Whether git would take this as a branch or tag name (the rules of `git check-ref-format`). */
export function isRefName(name: string): boolean {
  if (name === '' || name === '@' || Buffer.byteLength(name) > 244) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\.$/.test(name)) return false;
  return name
    .split('/')
    .every(
      (part) => part !== '' && !part.startsWith('.') && !part.startsWith('-') && !part.endsWith('.lock'),
    );
}
