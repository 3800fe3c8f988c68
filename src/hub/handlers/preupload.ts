import ignore from 'ignore';
import { z } from 'zod';
import { REFUSAL, requireCommit, requireProposer, requireWritable } from '../access.ts';
import { sendJson } from '../answer.ts';
import { readJson } from '../body.ts';
import { readTextBlob } from '../commit-writer.ts';
import { getParam, type Handler, isSet } from '../exchange.ts';
import { compileLfsRules } from '../gitattributes.ts';
import { LIMITS } from '../limits.ts';
import { readPullNumber } from '../pull-request.ts';
import { checkRepoPath } from '../repo-path.ts';
import { readFileFacts } from '../storage/file-facts.ts';
import type { Repository } from '../storage/repository.ts';
import { readFiles } from '../storage/tree.ts';
import { chooseUploadMode } from '../upload-mode.ts';

const body = z.object({
  files: z
    .array(z.object({ path: z.string(), size: z.int().nonnegative(), sample: z.string() }))
    .max(LIMITS.batchObjects),
  gitAttributes: z.string().nullish(),
  gitIgnore: z.string().nullish(),
});

/** POST /api/models/:ns/:name/preupload/:rev[?create_pr=1] */
export const preupload: Handler = async (exchange) => {
  const revision = getParam(exchange, 'rev');
  const isForPull = isSet(exchange.query, 'create_pr') || readPullNumber(revision) !== undefined;
  const repository = isForPull
    ? await requireProposer(exchange)
    : await requireWritable(exchange, REFUSAL.upload);
  const commit = await requireCommit(repository, revision);
  const { files, gitAttributes, gitIgnore } = await readJson(exchange.request, body);
  for (const { path } of files) checkRepoPath(path);

  const present = await readFiles(repository.objects, commit.tree);
  const attributes = gitAttributes ?? (await readTextBlob(repository, present.get('.gitattributes')));
  const isLfsPath = compileLfsRules(attributes);
  const rules = ignore().add(gitIgnore ?? (await readTextBlob(repository, present.get('.gitignore'))));
  const isIgnored = (path: string) => path !== '.gitignore' && rules.ignores(path);
  const answers = files.map(async ({ path, size, sample }) => {
    const blob = present.get(path);
    return {
      path,
      uploadMode: chooseUploadMode({ path, size, sample: Buffer.from(sample, 'base64') }, isLfsPath),
      shouldIgnore: isIgnored(path),
      ...(blob === undefined ? {} : { oid: await contentId(repository, blob) }),
    };
  });
  sendJson(exchange.response, { files: await Promise.all(answers), commitOid: commit.oid });
};

/** What a client compares with its own file: SHA-256 for LFS, git's blob id otherwise. */
async function contentId(repository: Repository, blob: string): Promise<string> {
  return (await readFileFacts(repository, blob)).lfs?.oid ?? blob;
}
