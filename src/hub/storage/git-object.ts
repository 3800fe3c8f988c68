import { createHash } from 'node:crypto';

export type ObjectKind = 'blob' | 'tree' | 'commit';

/** One row of a tree: a folder's name for a subtree or a file. `oid` is 40 hex digits. */
export interface TreeRow {
  readonly kind: 'tree' | 'blob';
  readonly name: string;
  readonly oid: string;
}

/** A commit as git stores it. `seconds` is Unix time; the message's first line is its title. */
export interface Commit {
  readonly tree: string;
  readonly parent: string | undefined;
  readonly author: string;
  readonly seconds: number;
  readonly message: string;
}

/** A git object's bytes before compression: `<kind> <size>\0<body>`. Its SHA-1 is its id. */
export function frameObject(kind: ObjectKind, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${kind} ${body.length}\0`), body]);
}

/** The id that git gives a blob with this content; what clients compare to skip unchanged files. */
export function hashBlob(content: Uint8Array): string {
  return createHash('sha1').update(frameObject('blob', content)).digest('hex');
}

export function encodeTree(rows: readonly TreeRow[]): Buffer {
  // git orders folders as if their name ended in a slash.
  const key = (row: TreeRow) => Buffer.from(row.kind === 'tree' ? `${row.name}/` : row.name);
  const sorted = [...rows].sort((a, b) => Buffer.compare(key(a), key(b)));
  return Buffer.concat(
    sorted.flatMap((row) => [
      Buffer.from(`${row.kind === 'tree' ? '40000' : '100644'} ${row.name}\0`),
      Buffer.from(row.oid, 'hex'),
    ]),
  );
}

export function decodeTree(body: Buffer): TreeRow[] {
  const rows: TreeRow[] = [];
  for (let offset = 0; offset < body.length; ) {
    const space = body.indexOf(0x20, offset);
    const end = body.indexOf(0, space);
    const mode = body.toString('latin1', offset, space);
    rows.push({
      kind: mode === '40000' ? 'tree' : 'blob',
      name: body.toString('utf8', space + 1, end),
      oid: body.toString('hex', end + 1, end + 21),
    });
    offset = end + 21;
  }
  return rows;
}

export function encodeCommit(commit: Commit): Buffer {
  const who = `${commit.author} <${commit.author}@users.noreply.localhost> ${commit.seconds} +0000`;
  const parent = commit.parent === undefined ? '' : `parent ${commit.parent}\n`;
  return Buffer.from(
    `tree ${commit.tree}\n${parent}author ${who}\ncommitter ${who}\n\n${commit.message.trimEnd()}\n`,
  );
}

export function decodeCommit(body: Buffer): Commit {
  const text = body.toString('utf8');
  const split = text.indexOf('\n\n');
  const head = text.slice(0, split);
  const author = /^author (.*) <[^>]*> (\d+) /m.exec(head);
  return {
    tree: /^tree ([0-9a-f]{40})$/m.exec(head)?.[1] ?? '',
    parent: /^parent ([0-9a-f]{40})$/m.exec(head)?.[1],
    author: author?.[1] ?? '',
    seconds: Number(author?.[2] ?? 0),
    message: text.slice(split + 2).trimEnd(),
  };
}
