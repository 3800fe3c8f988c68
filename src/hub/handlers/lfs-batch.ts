import { z } from 'zod';
import { checkGate, REFUSAL, requireProposer, requireReadable, requireWritable } from '../access.ts';
import { sendJson } from '../answer.ts';
import { readJson } from '../body.ts';
import type { Exchange, Handler } from '../exchange.ts';
import { HttpError } from '../http-error.ts';
import type { LfsPointer } from '../lfs-pointer.ts';
import { LIMITS } from '../limits.ts';
import { readPullNumber } from '../pull-request.ts';
import { DEFAULT_BRANCH } from '../storage/history.ts';
import { countParts } from '../storage/multipart.ts';
import type { Repository } from '../storage/repository.ts';
import { grantAccess } from './xet-token.ts';

const pointer = z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() });
const body = z.object({
  operation: z.enum(['upload', 'download']),
  transfers: z.array(z.string()).default(['basic']),
  objects: z.array(pointer).max(LIMITS.batchObjects),
  hash_algo: z.string().optional(),
  ref: z.object({ name: z.string() }).nullish(),
});

interface Action {
  readonly href: string;
  readonly header?: Readonly<Record<string, string>>;
}
interface BatchAnswer extends LfsPointer {
  readonly authenticated?: true;
  readonly actions?: Readonly<Record<string, Action>>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** POST /:ns/:name.git/info/lfs/objects/batch: where each object goes to or comes from. */
export const lfsBatch: Handler = async (exchange) => {
  // Who may not even read is refused before the body is looked at.
  const repository = await requireReadable(exchange);
  const { operation, transfers, objects, ref } = await readJson(exchange.request, body);
  // Who opens a pull request names no ref, as there is none yet.
  const isForPull = ref == null || readPullNumber(ref.name) !== undefined;
  if (operation === 'download') checkGate(exchange, repository);
  else if (isForPull) await requireProposer(exchange);
  else await requireWritable(exchange, REFUSAL.other);
  const viaXet = operation === 'upload' && transfers.includes('xet');
  const offer = (object: LfsPointer) => {
    if (viaXet) return offerXet(exchange, repository, object, ref?.name);
    return operation === 'upload'
      ? offerUpload(exchange, repository, object, transfers)
      : offerDownload(exchange, repository, object);
  };
  const answers = await Promise.all(objects.map(offer));
  const isMultipart = answers.some(({ actions }) => actions?.upload?.header?.chunk_size !== undefined);
  const transfer = viaXet ? 'xet' : isMultipart ? 'multipart' : 'basic';
  sendJson(exchange.response, { transfer, objects: answers }, 200, {
    'Content-Type': 'application/vnd.git-lfs+json; charset=utf-8',
  });
};

/** POST /:ns/:name.git/info/lfs/verify: whether an upload arrived. */
export const lfsVerify: Handler = async (exchange) => {
  const repository = await requireProposer(exchange);
  const { oid, size } = await readJson(exchange.request, pointer);
  const stored = await repository.lfs.size(oid);
  if (stored === undefined) throw new HttpError(404, `LFS object ${oid} was not uploaded`);
  if (stored !== size) throw new HttpError(400, `LFS object ${oid} has ${stored} bytes, not ${size}`);
  sendJson(exchange.response, { success: true });
};

/** To a client that speaks Xet: where the content store is, and where to get another token for it. */
async function offerXet(
  exchange: Exchange,
  repository: Repository,
  object: LfsPointer,
  ref: string | undefined,
): Promise<BatchAnswer> {
  if ((await repository.lfs.size(object.oid)) === object.size) return { ...object, authenticated: true };
  const href = refreshUrl(exchange, repository, ref);
  const upload = { href, header: grantAccess(exchange, repository, 'write') };
  return tooLarge(object) ?? { ...object, authenticated: true, actions: { upload } };
}

/** A client that names no ref is about to open a pull request. */
function refreshUrl({ origin }: Exchange, { id }: Repository, ref: string | undefined): string {
  const path = `${origin}/api/models/${id}/xet-write-token`;
  return ref === undefined
    ? `${path}/${DEFAULT_BRANCH}?create_pr=1`
    : `${path}/${encodeURIComponent(ref.replace(/^refs\/heads\//, ''))}`;
}

function tooLarge(object: LfsPointer): BatchAnswer | undefined {
  if (object.size <= LIMITS.lfsObject) return undefined;
  return { ...object, error: { code: 422, message: `A file has at most ${LIMITS.lfsObject} bytes` } };
}

async function offerUpload(
  { hub, origin }: Exchange,
  repository: Repository,
  object: LfsPointer,
  transfers: readonly string[],
): Promise<BatchAnswer> {
  if ((await repository.lfs.size(object.oid)) === object.size) return { ...object, authenticated: true };
  const refusal = tooLarge(object);
  if (refusal !== undefined) return refusal;
  const verify = { href: `${origin}/${repository.id}.git/info/lfs/verify` };
  const sign = (path: string, params: Record<string, string>) => origin + hub.signer.sign(path, params);
  const storage = `/lfs-storage/${repository.id}/${object.oid}`;
  const size = String(object.size);
  if (object.size < LIMITS.multipartFrom || !transfers.includes('multipart')) {
    const upload = { href: sign(storage, { operation: 'upload', size }) };
    return { ...object, authenticated: true, actions: { upload, verify } };
  }
  const id = await hub.uploads.begin(object);
  const parts = Array.from({ length: countParts(object.size) }, (_, index) => {
    const url = sign(storage, { operation: 'part', uploadId: id, part: String(index + 1) });
    return [String(index + 1).padStart(5, '0'), url] as const;
  });
  const upload = {
    href: sign(`/api/complete_multipart/${repository.id}`, { uploadId: id, oid: object.oid, size }),
    header: { chunk_size: String(LIMITS.multipartPart), ...Object.fromEntries(parts) },
  };
  return { ...object, authenticated: true, actions: { upload, verify } };
}

async function offerDownload(
  { hub, origin }: Exchange,
  repository: Repository,
  object: LfsPointer,
): Promise<BatchAnswer> {
  if ((await repository.lfs.size(object.oid)) === undefined) {
    return { ...object, error: { code: 404, message: 'Object does not exist on the server' } };
  }
  const path = `/lfs-storage/${repository.id}/${object.oid}`;
  const download = { href: origin + hub.signer.sign(path, { operation: 'download' }) };
  return { ...object, authenticated: true, actions: { download } };
}
