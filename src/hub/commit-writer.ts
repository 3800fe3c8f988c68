import type { CommitOperation } from './commit-request.ts';
import { coverLfsPaths } from './gitattributes.ts';
import { badRequest, entryNotFound } from './http-error.ts';
import { encodeCommit } from './storage/git-object.ts';
import type { CommitAt } from './storage/history.ts';
import type { Repository } from './storage/repository.ts';
import { readFiles, writeTree } from './storage/tree.ts';

const ATTRIBUTES = '.gitattributes';

/** Stores a commit on top of `parent` (none for a branch's first) and returns its id. No ref is moved. */
export async function writeCommit(
  repository: Repository,
  parent: CommitAt | undefined,
  author: string,
  message: string,
  operations: readonly CommitOperation[],
): Promise<string> {
  const files =
    parent === undefined ? new Map<string, string>() : await readFiles(repository.objects, parent.tree);
  applyOperations(files, operations, parent?.oid ?? '');
  await coverLfsFiles(repository, files, operations);
  const tree = await writeTree(repository.objects, files);
  const seconds = Math.floor(Date.now() / 1000);
  return repository.objects.write(
    'commit',
    encodeCommit({ tree, parent: parent?.oid, author, seconds, message }),
  );
}

/** Changes `files` (path → blob id) in the order of the operations: the last word on a path counts. */
export function applyOperations(
  files: Map<string, string>,
  operations: readonly CommitOperation[],
  commit: string,
): void {
  for (const operation of operations) {
    if (operation.kind === 'add') {
      files.set(operation.path, operation.blob);
      continue;
    }
    const folder = `${operation.path}/`;
    const gone = [...files.keys()].filter((path) => path === operation.path || path.startsWith(folder));
    if (gone.length === 0) throw entryNotFound(commit, "A file with this name doesn't exist");
    for (const path of gone) files.delete(path);
  }
  for (const path of files.keys()) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const folder = path.slice(0, slash);
      if (files.has(folder))
        throw badRequest(`"${folder}" cannot be a file and the folder of "${path}" at once`);
    }
  }
}

async function coverLfsFiles(
  repository: Repository,
  files: Map<string, string>,
  operations: readonly CommitOperation[],
): Promise<void> {
  const paths = operations.flatMap((operation) =>
    operation.kind === 'add' && operation.lfs && files.get(operation.path) === operation.blob
      ? [operation.path]
      : [],
  );
  if (paths.length === 0) return;
  const before = await readTextBlob(repository, files.get(ATTRIBUTES));
  const after = coverLfsPaths(before, [...new Set(paths)]);
  if (after === before) return;
  files.set(ATTRIBUTES, await repository.objects.write('blob', Buffer.from(after)));
}

/** The text of a blob such as `.gitattributes`; empty when there is none. */
export async function readTextBlob(repository: Repository, blob: string | undefined): Promise<string> {
  return blob === undefined ? '' : (await repository.objects.readBlob(blob)).toString('utf8');
}
