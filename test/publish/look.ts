import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readLock } from '../../src/bundle.ts';
import { type Stage, TOKEN } from './stage.ts';

/** What a Hub has, read with plain requests and compared by hashes that are computed here. */
export interface Seen {
  readonly head: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** How many commits the revision has. */
  readonly commits: number;
  readonly paths: readonly string[];
  /** Whether it holds exactly the stage's bundle, but for the Hub's own file and `theirs.txt`. */
  readonly complete: boolean;
}

export async function ask(stage: Stage, repo: string, path: string): Promise<unknown> {
  const response = await fetch(`${stage.hubUrl}/api/models/${repo}${path}`, {
    headers: { Authorization: `Bearer ${TOKEN}` },
  });
  return response.ok ? response.json() : undefined;
}

interface Row {
  readonly type: string;
  readonly path: string;
  readonly oid: string;
  readonly lfs?: { readonly oid: string };
}

export async function look(stage: Stage, repo: string, revision = 'main'): Promise<Seen> {
  const at = encodeURIComponent(revision);
  const info = (await ask(stage, repo, `/revision/${at}`)) as { sha: string } | undefined;
  const refs = (await ask(stage, repo, '/refs')) as
    | { tags: { name: string; targetCommit: string }[] }
    | undefined;
  const commits = ((await ask(stage, repo, `/commits/${at}?limit=1000`)) as unknown[] | undefined) ?? [];
  const tree = ((await ask(stage, repo, `/tree/${at}?recursive=true`)) ?? []) as Row[];
  const there = new Map(tree.filter(({ type }) => type === 'file').map((row) => [row.path, row]));
  const { files } = await readLock(stage.dir);
  const paths = [...files.map(({ path }) => path), 'verification.json'];
  const same = await Promise.all(paths.map((path) => holds(there.get(path), join(stage.dir, path))));
  const others = [...there.keys()].filter((path) => !paths.includes(path));
  return {
    head: info?.sha,
    tags: Object.fromEntries((refs?.tags ?? []).map((tag) => [tag.name, tag.targetCommit])),
    commits: commits.length,
    paths: [...there.keys()].sort(),
    complete: same.every(Boolean) && others.every((path) => ['.gitattributes', 'theirs.txt'].includes(path)),
  };
}

async function holds(row: Row | undefined, path: string): Promise<boolean> {
  if (row === undefined) return false;
  const bytes = await readFile(path);
  if (row.lfs !== undefined) return row.lfs.oid === createHash('sha256').update(bytes).digest('hex');
  return row.oid === createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
