import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { validateCard } from '../formats/card-yaml.ts';
import { checkShape, parseJson, readLines } from './body.ts';
import { badRequest, HttpError } from './http-error.ts';
import { formatPointer, parsePointer } from './lfs-pointer.ts';
import { LIMITS } from './limits.ts';
import { checkRepoPath } from './repo-path.ts';
import type { Repository } from './storage/repository.ts';
import { isBinary } from './upload-mode.ts';

/** One change of a commit. The content of an addition is stored already, under its blob id. */
export type CommitOperation =
  | { readonly kind: 'add'; readonly path: string; readonly blob: string; readonly lfs: boolean }
  | { readonly kind: 'delete'; readonly path: string };

/** A commit as it was sent, with all content on disk. */
export interface CommitRequest {
  readonly message: string;
  /** What the branch has to point at: an id or its first 5 digits or more. */
  readonly parentCommit: string | undefined;
  readonly operations: readonly CommitOperation[];
}

const header = z.object({
  summary: z.string().trim().min(1).max(LIMITS.commitMessage),
  description: z.string().max(LIMITS.commitMessage).nullish(),
  parentCommit: z
    .string()
    .regex(/^[A-Fa-f0-9]{5,40}$/)
    .nullish(),
});
const file = z.object({
  path: z.string(),
  content: z.string(),
  encoding: z.enum(['utf-8', 'base64']).default('utf-8'),
});
const lfsFile = z.object({
  path: z.string(),
  algo: z.literal('sha256'),
  oid: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.int().nonnegative().optional(),
});
const deletion = z.object({ path: z.string() });
const line = z.discriminatedUnion('key', [
  z.object({ key: z.literal('header'), value: header }),
  z.object({ key: z.literal('file'), value: file }),
  z.object({ key: z.literal('lfsFile'), value: lfsFile }),
  z.object({ key: z.literal('deletedFile'), value: deletion }),
  z.object({ key: z.literal('deletedFolder'), value: deletion }),
]);
type Line = z.infer<typeof line>;

/**
 * Reads a commit's NDJSON, one line in memory at a time: each file is checked, stored and forgotten.
 * Blobs of a commit that is refused later stay behind as unreferenced objects, as in git.
 */
export async function readCommitRequest(
  request: IncomingMessage,
  repository: Repository,
  secrets: readonly Buffer[],
): Promise<CommitRequest> {
  const operations: CommitOperation[] = [];
  let head: z.infer<typeof header> | undefined;
  let inlineBytes = 0;
  for await (const text of readLines(request)) {
    const entry = checkShape(parseJson(text), line);
    if (entry.key === 'header') {
      if (head !== undefined) throw badRequest('The commit has more than one header');
      head = entry.value;
      continue;
    }
    if (head === undefined) throw badRequest('The first line of a commit has to be its header');
    if (operations.length === LIMITS.commitOperations) {
      throw new HttpError(413, `A commit has at most ${LIMITS.commitOperations} operations`);
    }
    const content = entry.key === 'file' ? decodeContent(entry.value) : Buffer.alloc(0);
    inlineBytes += content.length;
    if (inlineBytes > LIMITS.commitInline) {
      throw new HttpError(413, `A commit has at most ${LIMITS.commitInline} bytes of regular files`);
    }
    operations.push(await storeOperation(entry, content, repository, secrets));
  }
  if (head === undefined || operations.length === 0) {
    throw badRequest('Add a line with the key `lfsFile`, `file` or `deletedFile`');
  }
  const message = `${head.summary}\n\n${head.description ?? ''}`.trim();
  if (message.includes('\0')) throw badRequest('A commit message cannot contain a NUL character');
  return { message, parentCommit: head.parentCommit?.toLowerCase(), operations };
}

async function storeOperation(
  { key, value }: Exclude<Line, { key: 'header' }>,
  content: Buffer,
  repository: Repository,
  secrets: readonly Buffer[],
): Promise<CommitOperation> {
  if (key === 'deletedFolder' || key === 'deletedFile') {
    const path = value.path.replace(/\/$/, '');
    checkRepoPath(path);
    return { kind: 'delete', path };
  }
  checkRepoPath(value.path);
  if (key === 'file') {
    const { lfs } = await checkContent(value.path, content, repository, secrets);
    return { kind: 'add', path: value.path, blob: await repository.objects.write('blob', content), lfs };
  }
  const size = await requireLfsObject(repository, value.path, value.oid, value.size);
  const pointer = Buffer.from(formatPointer({ oid: value.oid, size }));
  return { kind: 'add', path: value.path, blob: await repository.objects.write('blob', pointer), lfs: true };
}

/** Throws unless a regular file may be committed; says whether it is an LFS pointer, written out by hand. */
export async function checkContent(
  path: string,
  content: Buffer,
  repository: Repository,
  secrets: readonly Buffer[],
): Promise<{ lfs: boolean }> {
  if (content.length > LIMITS.regularFile) {
    throw badRequest(
      `Your push was rejected because it contains files larger than 10 MiB. Please use https://git-lfs.github.com/ to store large files. Offending files: - ${path}`,
    );
  }
  // The same bytes that preupload judged, so that a client that obeys it is never refused here.
  if (isBinary(content.subarray(0, 512))) {
    throw badRequest(
      `Your push was rejected because it contains binary files. Please use https://huggingface.co/docs/hub/xet to store binary files. Offending files: - ${path}`,
    );
  }
  if (secrets.some((secret) => content.includes(secret))) {
    throw badRequest(
      `Your push was rejected because one or more of your files contain valid Hugging Face secrets. Offending files: - ${path}`,
    );
  }
  if (path === 'README.md') {
    const { errors } = validateCard(content.toString('utf8'));
    if (errors.length > 0) throw badRequest(errors.map(({ message }) => message).join('. '));
  }
  const pointer = parsePointer(content);
  if (pointer !== undefined) await requireLfsObject(repository, path, pointer.oid, pointer.size);
  return { lfs: pointer !== undefined };
}

async function requireLfsObject(
  repository: Repository,
  path: string,
  oid: string,
  announced: number | undefined,
): Promise<number> {
  const size = await repository.lfs.size(oid);
  if (size === undefined || (announced !== undefined && announced !== size)) {
    throw badRequest(
      `Your push was rejected because an LFS pointer pointed to a file that does not exist. For instance, this can happen if you used git push --no-verify to push your changes. Offending file: - ${path}`,
    );
  }
  return size;
}

function decodeContent({ content, encoding, path }: z.infer<typeof file>): Buffer {
  if (encoding === 'utf-8') return Buffer.from(content);
  if (content.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(content)) {
    throw badRequest(`The content of ${path} is not valid base64`);
  }
  return Buffer.from(content, 'base64');
}
