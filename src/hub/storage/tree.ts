import { encodeTree, type TreeRow } from './git-object.ts';
import type { ObjectStore } from './object-store.ts';

/** A file or folder with its path from the repository's root. */
export interface TreeEntry {
  readonly kind: 'tree' | 'blob';
  readonly path: string;
  readonly oid: string;
}

/** The entries below a tree, folders before files, each folder right before what it holds. */
export async function listTree(
  objects: ObjectStore,
  tree: string,
  { prefix = '', recursive }: { prefix?: string; recursive: boolean },
): Promise<TreeEntry[]> {
  const rows = await objects.readTree(tree);
  const entries: TreeEntry[] = [];
  for (const kind of ['tree', 'blob'] as const) {
    for (const row of rows.filter((candidate) => candidate.kind === kind)) {
      const path = prefix === '' ? row.name : `${prefix}/${row.name}`;
      entries.push({ kind, path, oid: row.oid });
      if (kind === 'tree' && recursive) {
        entries.push(...(await listTree(objects, row.oid, { prefix: path, recursive })));
      }
    }
  }
  return entries;
}

/** The files below a tree: path → blob id. */
export async function readFiles(objects: ObjectStore, tree: string): Promise<Map<string, string>> {
  const entries = await listTree(objects, tree, { recursive: true });
  return new Map(entries.filter(({ kind }) => kind === 'blob').map(({ path, oid }) => [path, oid]));
}

/** The entry at a path; the root itself for `''`. */
export async function findEntry(
  objects: ObjectStore,
  tree: string,
  path: string,
): Promise<TreeEntry | undefined> {
  let found: TreeEntry = { kind: 'tree', path: '', oid: tree };
  for (const name of path === '' ? [] : path.split('/')) {
    if (found.kind !== 'tree') return undefined;
    const row = (await objects.readTree(found.oid)).find((candidate) => candidate.name === name);
    if (row === undefined) return undefined;
    found = { kind: row.kind, path, oid: row.oid };
  }
  return found;
}

/** Stores the folders that hold `files` (path → blob id) and returns the root's id. */
export async function writeTree(objects: ObjectStore, files: ReadonlyMap<string, string>): Promise<string> {
  const rows: TreeRow[] = [];
  const folders = new Map<string, Map<string, string>>();
  for (const [path, oid] of files) {
    const slash = path.indexOf('/');
    if (slash === -1) {
      rows.push({ kind: 'blob', name: path, oid });
      continue;
    }
    const folder = path.slice(0, slash);
    const inside = folders.get(folder) ?? new Map<string, string>();
    inside.set(path.slice(slash + 1), oid);
    folders.set(folder, inside);
  }
  const subtrees = [...folders].map(async ([name, inside]) => {
    return { kind: 'tree' as const, name, oid: await writeTree(objects, inside) };
  });
  return objects.write('tree', encodeTree([...rows, ...(await Promise.all(subtrees))]));
}
