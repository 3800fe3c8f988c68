import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './durable-file.ts';

/** Branch names, tag names and numbers of pull requests, each with the commit it points at. */
export interface Refs {
  readonly branches: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  readonly pulls: ReadonlyMap<string, string>;
}

/** What comes before the name in a full ref. */
export const REF_PREFIX = { branches: 'refs/heads/', tags: 'refs/tags/', pulls: 'refs/pr/' } as const;
const KINDS = ['branches', 'tags', 'pulls'] as const;

/**
 * Reads a repository's refs. They live in git's `packed-refs`, one file: replacing it is atomic for all of
 * them, and names that differ in case or nest (`a`, `a/b`) are safe on every file system.
 */
export async function readRefs(gitFolder: string): Promise<Refs> {
  const text = await readFile(join(gitFolder, 'packed-refs'), 'utf8');
  const refs = { branches: new Map(), tags: new Map(), pulls: new Map() };
  for (const line of text.split('\n')) {
    const [, oid, ref] = /^([0-9a-f]{40}) (.+)$/.exec(line) ?? [];
    const kind = KINDS.find((candidate) => ref?.startsWith(REF_PREFIX[candidate]));
    if (kind !== undefined) refs[kind].set(ref?.slice(REF_PREFIX[kind].length), oid);
  }
  return refs;
}

export async function writeRefs(gitFolder: string, refs: Refs, temporaryFolder: string): Promise<void> {
  const lines = KINDS.flatMap((kind) =>
    [...refs[kind]].map(([name, oid]) => ({ ref: REF_PREFIX[kind] + name, oid })),
  ).sort((a, b) => Buffer.compare(Buffer.from(a.ref), Buffer.from(b.ref)));
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
