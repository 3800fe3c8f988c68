import { z } from 'zod';
import { checkWriteRole, findVisible, REFUSAL, requireReadable, requireWritable } from '../access.ts';
import { sendJson } from '../answer.ts';
import { findOwnNamespace, type Viewer } from '../auth.ts';
import { readJson } from '../body.ts';
import { type CommitOperation, checkContent } from '../commit-request.ts';
import { writeCommit } from '../commit-writer.ts';
import { BUSY, type Exchange, type Handler, withRepositoryLock } from '../exchange.ts';
import { DEFAULT_GITATTRIBUTES } from '../gitattributes.ts';
import { authenticationRequired, badRequest, forbidden, HttpError } from '../http-error.ts';
import { isRepoName, REPO_NAME_RULE } from '../repo-name.ts';
import { checkRepoPath } from '../repo-path.ts';
import { DEFAULT_BRANCH } from '../storage/history.ts';
import type { Repository } from '../storage/repository.ts';

const repoRef = z.object({
  name: z.string(),
  organization: z.string().nullish(),
  type: z.string().nullish(),
});
const creation = repoRef.extend({
  visibility: z.enum(['public', 'private']).nullish(),
  private: z.boolean().nullish(),
  license: z.string().nullish(),
  files: z
    .array(z.object({ path: z.string(), content: z.string(), encoding: z.enum(['utf-8', 'base64']) }))
    .nullish(),
});

/** POST /api/repos/create */
export const createRepo: Handler = async (exchange) => {
  const { request, response, origin, hub } = exchange;
  checkWriteRole(exchange);
  const body = await readJson(request, creation);
  const { namespace, viewer } = requireNamespace(exchange, body.organization);
  if ((body.type ?? 'model') !== 'model') throw badRequest('This local Hub serves models only');
  if (!isRepoName(body.name)) throw badRequest(REPO_NAME_RULE);
  const key = `${namespace}/${body.name}`.toLowerCase();
  const conflict = 'Cannot create repo: another conflicting operation is in progress';
  await withRepositoryLock(hub, key, conflict, async () => {
    const existing = await hub.store.find(namespace, body.name);
    if (existing !== undefined) {
      const message = `You already created this model repo: ${existing.id}`;
      throw new HttpError(409, message, { body: { error: message, url: `${origin}/${existing.id}` } });
    }
    const isPrivate = body.visibility === 'private' || body.private === true;
    const meta = { namespace, name: body.name, private: isPrivate, gated: false as const };
    const repository = await hub.store.create(meta, (draft) =>
      writeFirstCommit(draft, viewer, startFiles(body), hub.secrets),
    );
    const { id } = repository;
    sendJson(response, { url: `${origin}/${id}`, name: id, id: repository.meta._id });
  });
};

/** DELETE /api/repos/delete */
export const deleteRepo: Handler = async (exchange) => {
  const { request, response, hub } = exchange;
  if (exchange.viewer === undefined) throw authenticationRequired();
  const body = await readJson(request, repoRef);
  const { viewer } = exchange;
  const repository = await findVisible(exchange, body.organization ?? viewer.user, body.name);
  checkWriteRole(exchange);
  if (findOwnNamespace(viewer, repository.meta.namespace) === undefined) throw forbidden(REFUSAL.other);
  await withRepositoryLock(hub, repository.key, BUSY, () => hub.store.remove(repository));
  sendJson(response, {});
};

const move = z.object({ fromRepo: z.string(), toRepo: z.string(), type: z.string().nullish() });

/** POST /api/repos/move */
export const moveRepo: Handler = async (exchange) => {
  const { request, response, origin, hub } = exchange;
  checkWriteRole(exchange);
  const body = await readJson(request, move);
  const [fromNamespace = '', fromName = ''] = body.fromRepo.split('/');
  const [toNamespace = '', toName = '', ...rest] = body.toRepo.split('/');
  const repository = await findVisible(exchange, fromNamespace, fromName);
  if (findOwnNamespace(exchange.viewer, repository.meta.namespace) === undefined) {
    throw forbidden(REFUSAL.other);
  }
  const { namespace } = requireNamespace(exchange, toNamespace);
  if (!isRepoName(toName) || rest.length > 0) throw badRequest(REPO_NAME_RULE);
  const key = `${namespace}/${toName}`.toLowerCase();
  await withRepositoryLock(hub, repository.key, BUSY, async () => {
    await withRepositoryLock(hub, key, BUSY, async () => {
      if ((await hub.store.find(namespace, toName)) !== undefined) {
        throw new HttpError(409, `There is a repository ${namespace}/${toName} already`);
      }
      await hub.store.move(repository, namespace, toName);
    });
  });
  sendJson(response, { url: `${origin}/${namespace}/${toName}` });
};

const settings = z.object({
  visibility: z.enum(['public', 'private']).optional(),
  private: z.boolean().optional(),
  gated: z.union([z.literal('auto'), z.literal('manual'), z.literal(false)]).optional(),
});

/** PUT /api/models/:ns/:name/settings */
export const updateSettings: Handler = async (exchange) => {
  const repository = await requireWritable(exchange, REFUSAL.other);
  const { visibility, gated, ...body } = await readJson(exchange.request, settings);
  const isPrivate = visibility === undefined ? body.private : visibility === 'private';
  await repository.updateMeta({
    ...(isPrivate === undefined ? {} : { private: isPrivate }),
    ...(gated === undefined ? {} : { gated }),
  });
  sendJson(exchange.response, {
    private: isPrivate ?? repository.meta.private,
    gated: gated ?? repository.meta.gated,
  });
};

/** GET /api/models/:ns/:name/auth-check and …/auth-check/write */
export const checkReadAccess: Handler = async (exchange) => {
  await requireReadable(exchange);
  sendJson(exchange.response, {});
};
export const checkWriteAccess: Handler = async (exchange) => {
  await requireWritable(exchange, REFUSAL.other);
  sendJson(exchange.response, {});
};

function requireNamespace(
  { viewer }: Exchange,
  organization: string | null | undefined,
): { namespace: string; viewer: Viewer } {
  if (viewer === undefined) throw authenticationRequired();
  const wanted = organization ?? viewer.user;
  const namespace = findOwnNamespace(viewer, wanted);
  if (namespace === undefined) {
    throw forbidden(`You don't have the rights to create a model under the namespace "${wanted}"`);
  }
  return { namespace, viewer };
}

function startFiles({ license, files }: z.infer<typeof creation>): Map<string, Buffer> {
  const content = new Map([['.gitattributes', Buffer.from(DEFAULT_GITATTRIBUTES)]]);
  if (typeof license === 'string') content.set('README.md', Buffer.from(`---\nlicense: ${license}\n---\n`));
  for (const file of files ?? []) {
    checkRepoPath(file.path);
    content.set(file.path, Buffer.from(file.content, file.encoding === 'base64' ? 'base64' : 'utf8'));
  }
  return content;
}

async function writeFirstCommit(
  repository: Repository,
  viewer: Viewer,
  files: ReadonlyMap<string, Buffer>,
  secrets: readonly Buffer[],
): Promise<void> {
  const operations: CommitOperation[] = [];
  for (const [path, content] of files) {
    const { lfs } = await checkContent(path, content, repository, secrets);
    operations.push({ kind: 'add', path, blob: await repository.objects.write('blob', content), lfs });
  }
  const oid = await writeCommit(repository, undefined, viewer.user, 'initial commit', operations);
  await repository.updateRefs((refs) => ({ ...refs, branches: new Map([[DEFAULT_BRANCH, oid]]) }));
}
