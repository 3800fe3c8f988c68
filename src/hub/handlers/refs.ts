import { z } from 'zod';
import { REFUSAL, requireCommit, requireReadable, requireWritable } from '../access.ts';
import { sendJson } from '../answer.ts';
import { readJson } from '../body.ts';
import { writeCommit } from '../commit-writer.ts';
import { type Exchange, getParam, type Handler, isSet } from '../exchange.ts';
import { DEFAULT_GITATTRIBUTES } from '../gitattributes.ts';
import { badRequest, forbidden, HttpError, revisionNotFound } from '../http-error.ts';
import { DEFAULT_BRANCH } from '../storage/history.ts';
import { isRefName, REF_PREFIX, type Refs } from '../storage/refs.ts';
import type { Repository } from '../storage/repository.ts';

/** GET /api/models/:ns/:name/refs[?include_prs=1] */
export const listRefs: Handler = async (exchange) => {
  const refs = await (await requireReadable(exchange)).readRefs();
  const rows = (kind: keyof Refs) =>
    [...refs[kind]].map(([name, targetCommit]) => ({ name, ref: REF_PREFIX[kind] + name, targetCommit }));
  sendJson(exchange.response, {
    tags: rows('tags'),
    branches: rows('branches'),
    converts: [],
    ...(isSet(exchange.query, 'include_prs') ? { pullRequests: rows('pulls') } : {}),
  });
};

const branchBody = z.object({
  startingPoint: z.string().nullish(),
  emptyBranch: z.boolean().nullish(),
  overwrite: z.boolean().nullish(),
});

/** POST /api/models/:ns/:name/branch/:branch */
export const createBranch: Handler = async (exchange) => {
  const repository = await requireWritable(exchange, REFUSAL.other);
  const name = getParam(exchange, 'branch');
  const { startingPoint, emptyBranch, overwrite } = await readJson(exchange.request, branchBody);
  if (!isRefName(name) || name.startsWith('refs/'))
    throw badRequest(`Invalid reference for a branch: ${name}`);
  const exists = (await repository.readRefs()).branches.has(name);
  if (exists && overwrite !== true) throw new HttpError(409, `Reference refs/heads/${name} already exists`);
  const keeps = exists && startingPoint == null && emptyBranch !== true;
  if (!keeps) {
    const target =
      emptyBranch === true
        ? await writeEmptyBranch(exchange, repository)
        : (await requireCommit(repository, startingPoint ?? DEFAULT_BRANCH)).oid;
    await repository.updateRefs((refs) => {
      if (refs.branches.has(name) && overwrite !== true) {
        throw new HttpError(409, `Reference refs/heads/${name} already exists`);
      }
      return { ...refs, branches: new Map(refs.branches).set(name, target) };
    });
  }
  sendJson(exchange.response, {});
};

/** DELETE /api/models/:ns/:name/branch/:branch */
export const deleteBranch: Handler = async (exchange) => {
  const repository = await requireWritable(exchange, REFUSAL.other);
  const name = getParam(exchange, 'branch');
  if (name === DEFAULT_BRANCH) throw forbidden(`Cannot delete refs/heads/${name}`);
  await repository.updateRefs((refs) => {
    if (!refs.branches.has(name)) throw revisionNotFound(name);
    return { ...refs, branches: without(refs.branches, name) };
  });
  sendJson(exchange.response, {});
};

const tagBody = z.object({ tag: z.string(), message: z.string().nullish() });

/** POST /api/models/:ns/:name/tag/:rev. The tag is a lightweight one: its message is not kept. */
export const createTag: Handler = async (exchange) => {
  const repository = await requireWritable(exchange, REFUSAL.other);
  const { tag } = await readJson(exchange.request, tagBody);
  const { oid } = await requireCommit(repository, getParam(exchange, 'rev'));
  if (!isRefName(tag) || tag.startsWith('refs/')) throw badRequest(`Invalid reference for a tag: ${tag}`);
  await repository.updateRefs((refs) => {
    if (refs.tags.has(tag)) throw new HttpError(409, `Tag reference exists already: refs/tags/${tag}`);
    return { ...refs, tags: new Map(refs.tags).set(tag, oid) };
  });
  sendJson(exchange.response, {});
};

/** DELETE /api/models/:ns/:name/tag/:rev */
export const deleteTag: Handler = async (exchange) => {
  const repository = await requireWritable(exchange, REFUSAL.other);
  const name = getParam(exchange, 'rev');
  await repository.updateRefs((refs) => {
    if (!refs.tags.has(name)) throw revisionNotFound(name);
    return { ...refs, tags: without(refs.tags, name) };
  });
  sendJson(exchange.response, {});
};

function without(refs: ReadonlyMap<string, string>, name: string): Map<string, string> {
  const rest = new Map(refs);
  rest.delete(name);
  return rest;
}

// A branch without any commit has nothing to point at: it starts, as a repository does, with .gitattributes.
async function writeEmptyBranch({ viewer }: Exchange, repository: Repository): Promise<string> {
  const blob = await repository.objects.write('blob', Buffer.from(DEFAULT_GITATTRIBUTES));
  const operation = { kind: 'add', path: '.gitattributes', blob, lfs: false } as const;
  return writeCommit(repository, undefined, viewer?.user ?? '', 'initial commit', [operation]);
}
