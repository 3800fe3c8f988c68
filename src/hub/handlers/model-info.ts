import { requireCommit, requireReadable } from '../access.ts';
import { sendJson } from '../answer.ts';
import { type Handler, isSet } from '../exchange.ts';
import { HttpError } from '../http-error.ts';
import { readModelFacts } from '../model-facts.ts';
import { readFileFacts } from '../storage/file-facts.ts';
import { DEFAULT_BRANCH, describeCommit } from '../storage/history.ts';
import type { Repository } from '../storage/repository.ts';
import { readFiles } from '../storage/tree.ts';

/** Every property that `expand` may name; for one that this Hub does not know, the answer leaves it out. */
const EXPANDABLE =
  'author baseModels cardData childrenModelCount config createdAt disabled downloads downloadsAllTime evalResults gated gguf inference inferenceProviderMapping lastModified library_name likes mask_token model-index pipeline_tag private resourceGroup safetensors sha siblings spaces tags transformersInfo trendingScore usedStorage widgetData gitalyUid xetEnabled'.split(
    ' ',
  );

/** GET /api/models/:ns/:name[/revision/:rev]?expand[]=…&blobs=1 */
export const describeModel: Handler = async (exchange) => {
  const { query, params, response } = exchange;
  const repository = await requireReadable(exchange);
  const expand = [...query.getAll('expand'), ...query.getAll('expand[]')];
  if (expand.some((key) => !EXPANDABLE.includes(key))) {
    throw new HttpError(400, `"expand" must be one of [${EXPANDABLE.join(', ')}]`);
  }
  const commit = await requireCommit(repository, params.rev ?? DEFAULT_BRANCH);
  const files = await readFiles(repository.objects, commit.tree);
  const { cardData, config, tags, pipelineTag, libraryName } = await readModelFacts(repository, files);
  const { _id, namespace, gated, createdAt } = repository.meta;
  const properties: Record<string, unknown> = {
    modelId: repository.id,
    author: namespace,
    sha: commit.oid,
    lastModified: describeCommit(commit).date,
    private: repository.meta.private,
    gated,
    disabled: false,
    downloads: 0,
    likes: 0,
    tags,
    ...(pipelineTag === undefined ? {} : { pipeline_tag: pipelineTag }),
    ...(libraryName === undefined ? {} : { library_name: libraryName }),
    ...(cardData === undefined ? {} : { cardData }),
    'model-index': cardData?.['model-index'] ?? null,
    ...(config === undefined ? {} : { config }),
    siblings: await describeSiblings(repository, files, isSet(query, 'blobs')),
    spaces: [],
    createdAt,
  };
  const wanted = expand.length === 0 ? Object.entries(properties) : pick(properties, expand);
  sendJson(response, { _id, id: repository.id, ...Object.fromEntries(wanted) });
};

function pick(properties: Record<string, unknown>, keys: readonly string[]): [string, unknown][] {
  const known: Record<string, unknown> = {
    ...properties,
    downloadsAllTime: 0,
    trendingScore: 0,
    xetEnabled: true,
  };
  return keys.filter((key) => known[key] !== undefined).map((key) => [key, known[key]]);
}

function describeSiblings(
  repository: Repository,
  files: ReadonlyMap<string, string>,
  withBlobs: boolean,
): Promise<unknown[]> {
  return Promise.all(
    [...files]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(async ([rfilename, blobId]) => {
        if (!withBlobs) return { rfilename };
        const { size, lfs } = await readFileFacts(repository, blobId);
        const { oid: sha256, pointerSize } = lfs ?? {};
        return {
          rfilename,
          blobId,
          size,
          ...(lfs === undefined ? {} : { lfs: { sha256, size, pointerSize } }),
        };
      }),
  );
}
