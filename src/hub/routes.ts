import { requireReadable } from './access.ts';
import type { Handler } from './exchange.ts';
import { whoAmI } from './handlers/account.ts';
import { commit } from './handlers/commit.ts';
import { listCommits } from './handlers/commits.ts';
import {
  changeStatus,
  comment,
  describeOne,
  editComment,
  hideComment,
  listDiscussions,
  merge,
  openDiscussion,
  rename,
} from './handlers/discussions.ts';
import { lfsBatch, lfsVerify } from './handlers/lfs-batch.ts';
import { completeMultipart, loadObject, storeObject } from './handlers/lfs-storage.ts';
import { describeModel } from './handlers/model-info.ts';
import { showDiscussion, showHome, showModel } from './handlers/pages.ts';
import { preupload } from './handlers/preupload.ts';
import { createBranch, createTag, deleteBranch, deleteTag, listRefs } from './handlers/refs.ts';
import {
  checkReadAccess,
  checkWriteAccess,
  createRepo,
  deleteRepo,
  moveRepo,
  updateSettings,
} from './handlers/repos.ts';
import { resolveFile, sendBlob } from './handlers/resolve.ts';
import { describePaths, listFolder } from './handlers/tree.ts';
import { validateYaml } from './handlers/validate-yaml.ts';
import { findChunk, storeShard, storeShardTelling, storeXorb } from './handlers/xet-cas.ts';
import { describeChunks } from './handlers/xet-chunk-hashes.ts';
import { loadXorb, reconstruct } from './handlers/xet-reconstruction.ts';
import { CAS_PATH, readToken, writeToken } from './handlers/xet-token.ts';
import { HttpError, repoNotFound } from './http-error.ts';
import type { Route } from './router.ts';

const MODEL = '/api/models/:ns/:name';

// Datasets, Spaces and names without a namespace: this Hub has none of them.
const noSuchRepo: Handler = ({ viewer }) => {
  throw repoNotFound(viewer === undefined);
};

const noSuchPage: Handler = () => {
  throw new HttpError(404, "Sorry, we can't find the page you are looking for.");
};

// Anything else about a repository. Whether it exists is said first, as for every other request.
const noSuchModelRoute: Handler = async (exchange) => {
  await requireReadable(exchange);
  throw new HttpError(404, 'Sorry, this local Hub does not serve that part of the API.');
};

/** Every request that this Hub answers, tried in this order. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/', handler: showHome },
  { method: 'GET', path: '/api/whoami-v2', handler: whoAmI, step: 'whoami' },
  { method: 'POST', path: '/api/validate-yaml', handler: validateYaml, step: 'validate-yaml' },
  { method: 'POST', path: '/api/repos/create', handler: createRepo, step: 'create' },
  { method: 'DELETE', path: '/api/repos/delete', handler: deleteRepo, step: 'delete-repo' },
  { method: 'POST', path: '/api/repos/move', handler: moveRepo },
  {
    method: 'POST',
    path: '/api/complete_multipart/:ns/:name',
    handler: completeMultipart,
    step: 'lfs-complete',
  },
  {
    method: 'GET',
    path: '/api/resolve-cache/models/:ns/:name/:rev/*path',
    handler: sendBlob,
    step: 'resolve',
  },

  { method: 'GET', path: MODEL, handler: describeModel, step: 'info' },
  { method: 'GET', path: `${MODEL}/revision/:rev`, handler: describeModel, step: 'info' },
  { method: 'PUT', path: `${MODEL}/settings`, handler: updateSettings, step: 'settings' },
  { method: 'GET', path: `${MODEL}/auth-check`, handler: checkReadAccess, step: 'auth-check' },
  { method: 'GET', path: `${MODEL}/auth-check/write`, handler: checkWriteAccess, step: 'auth-check' },
  { method: 'POST', path: `${MODEL}/preupload/:rev`, handler: preupload, step: 'preupload' },
  { method: 'POST', path: `${MODEL}/commit/:rev`, handler: commit, step: 'commit' },
  { method: 'GET', path: `${MODEL}/tree/:rev`, handler: listFolder, step: 'tree' },
  { method: 'GET', path: `${MODEL}/tree/:rev/*path`, handler: listFolder, step: 'tree' },
  { method: 'POST', path: `${MODEL}/paths-info/:rev`, handler: describePaths, step: 'paths-info' },
  { method: 'GET', path: `${MODEL}/refs`, handler: listRefs, step: 'refs' },
  { method: 'GET', path: `${MODEL}/commits/:rev`, handler: listCommits, step: 'commits' },
  { method: 'POST', path: `${MODEL}/branch/:branch`, handler: createBranch, step: 'branch' },
  { method: 'DELETE', path: `${MODEL}/branch/:branch`, handler: deleteBranch, step: 'branch' },
  { method: 'POST', path: `${MODEL}/tag/:rev`, handler: createTag, step: 'tag' },
  { method: 'DELETE', path: `${MODEL}/tag/:rev`, handler: deleteTag, step: 'tag' },
  { method: 'GET', path: `${MODEL}/discussions`, handler: listDiscussions, step: 'discussion' },
  { method: 'POST', path: `${MODEL}/discussions`, handler: openDiscussion, step: 'discussion' },
  { method: 'GET', path: `${MODEL}/discussions/:num`, handler: describeOne, step: 'discussion' },
  { method: 'POST', path: `${MODEL}/discussions/:num/comment`, handler: comment, step: 'discussion' },
  { method: 'POST', path: `${MODEL}/discussions/:num/title`, handler: rename, step: 'discussion' },
  { method: 'POST', path: `${MODEL}/discussions/:num/status`, handler: changeStatus, step: 'discussion' },
  { method: 'POST', path: `${MODEL}/discussions/:num/merge`, handler: merge, step: 'discussion' },
  { method: 'POST', path: `${MODEL}/discussions/:num/comment/:id/edit`, handler: editComment },
  { method: 'POST', path: `${MODEL}/discussions/:num/comment/:id/hide`, handler: hideComment },
  { method: 'GET', path: `${MODEL}/xet-read-token/:rev`, handler: readToken, step: 'xet-token' },
  { method: 'GET', path: `${MODEL}/xet-write-token/:rev`, handler: writeToken, step: 'xet-token' },
  { method: 'GET', path: `${MODEL}/*rest`, handler: noSuchModelRoute },
  ...(['GET', 'POST', 'PUT', 'DELETE'] as const).flatMap((method) => [
    { method, path: '/api/models/:name', handler: noSuchRepo },
    { method, path: '/api/datasets/*rest', handler: noSuchRepo },
    { method, path: '/api/spaces/*rest', handler: noSuchRepo },
    { method, path: '/api/*rest', handler: noSuchPage },
  ]),

  { method: 'POST', path: `${CAS_PATH}/v1/xorbs/default/:hash`, handler: storeXorb, step: 'xorb-put' },
  { method: 'POST', path: `${CAS_PATH}/v1/shards`, handler: storeShard, step: 'shard-put' },
  { method: 'POST', path: `${CAS_PATH}/v2/shards`, handler: storeShardTelling, step: 'shard-put' },
  { method: 'GET', path: `${CAS_PATH}/v1/chunks/default/:hash`, handler: findChunk, step: 'chunk-query' },
  {
    method: 'GET',
    path: `${CAS_PATH}/v1/chunks/default-merkledb/:hash`,
    handler: findChunk,
    step: 'chunk-query',
  },
  {
    method: 'GET',
    path: `${CAS_PATH}/:version/reconstructions/:hash`,
    handler: reconstruct,
    step: 'reconstruction',
  },
  {
    method: 'GET',
    path: `${CAS_PATH}/v2/file-chunk-hashes/:hash`,
    handler: describeChunks,
    step: 'chunk-hashes',
  },
  { method: 'GET', path: '/xet-storage/:hash', handler: loadXorb, step: 'xorb-get' },
  { method: 'GET', path: '/lfs-storage/:ns/:name/:oid', handler: loadObject, step: 'lfs-get' },
  { method: 'PUT', path: '/lfs-storage/:ns/:name/:oid', handler: storeObject, step: 'lfs-put' },
  { method: 'GET', path: '/datasets/*rest', handler: noSuchRepo },
  { method: 'GET', path: '/spaces/*rest', handler: noSuchRepo },
  { method: 'POST', path: '/:ns/:name.git/info/lfs/objects/batch', handler: lfsBatch, step: 'lfs-batch' },
  { method: 'POST', path: '/:ns/:name.git/info/lfs/verify', handler: lfsVerify, step: 'lfs-verify' },
  { method: 'GET', path: '/:ns/:name/resolve/:rev/*path', handler: resolveFile, step: 'resolve' },
  { method: 'GET', path: '/:ns/:name/raw/:rev/*path', handler: sendBlob, step: 'resolve' },
  { method: 'GET', path: '/:name/resolve/:rev/*path', handler: noSuchRepo },
  { method: 'GET', path: '/:ns/:name', handler: showModel },
  { method: 'GET', path: '/:ns/:name/tree/:rev', handler: showModel },
  { method: 'GET', path: '/:ns/:name/commit/:rev', handler: showModel },
  { method: 'GET', path: '/:ns/:name/discussions/:num', handler: showDiscussion },
];
