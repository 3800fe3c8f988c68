import { z } from 'zod';
import { checkGate, requireProposer, requireReadable } from '../access.ts';
import { sendJson } from '../answer.ts';
import { readJson } from '../body.ts';
import type { Exchange, Handler } from '../exchange.ts';
import { HttpError } from '../http-error.ts';
import type { LfsPointer } from '../lfs-pointer.ts';
import { LIMITS } from '../limits.ts';
import { countParts } from '../storage/multipart.ts';
import type { Repository } from '../storage/repository.ts';

const pointer = z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() });
const body = z.object({
  operation: z.enum(['upload', 'download']),
  transfers: z.array(z.string()).default(['basic']),
  objects: z.array(pointer).max(LIMITS.batchObjects),
  hash_algo: z.string().optional(),
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
  const { operation, transfers, objects } = await readJson(exchange.request, body);
  // Clients do not say here whether the objects are for a pull request; what nobody commits, nobody sees.
  if (operation === 'upload') await requireProposer(exchange);
  else checkGate(exchange, repository);
  const answers = await Promise.all(
    objects.map((object) =>
      operation === 'upload'
        ? offerUpload(exchange, repository, object, transfers)
        : offerDownload(exchange, repository, object),
    ),
  );
  const inParts = answers.some(({ actions }) => actions?.upload?.header?.chunk_size !== undefined);
  sendJson(exchange.response, { transfer: inParts ? 'multipart' : 'basic', objects: answers }, 200, {
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

async function offerUpload(
  { hub, origin }: Exchange,
  repository: Repository,
  object: LfsPointer,
  transfers: readonly string[],
): Promise<BatchAnswer> {
  if ((await repository.lfs.size(object.oid)) === object.size) return { ...object, authenticated: true };
  if (object.size > LIMITS.lfsObject) {
    return { ...object, error: { code: 422, message: `A file has at most ${LIMITS.lfsObject} bytes` } };
  }
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
